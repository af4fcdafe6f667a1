FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt
# Where attachments are kept in a bucket: docker build --build-arg EXTRA="django-storages[s3]==1.14.6"
ARG EXTRA=
RUN if [ -n "$EXTRA" ]; then /venv/bin/pip install --no-cache-dir "$EXTRA"; fi
COPY . .
RUN STATIC_MANIFEST=true STATIC_ROOT=/app/static-collected VAR_DIR=/tmp/build \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home desk && install -d -o desk /var/lib/desk
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/app/static-collected VAR_DIR=/var/lib/desk
USER desk
VOLUME /var/lib/desk
EXPOSE 8000
CMD ["gunicorn", "servicedesk.wsgi", "--config", "servicedesk/gunicorn.py"]
