"""django-helpdesk as it comes, under the same server and database as the desk. Nothing of it is changed."""
