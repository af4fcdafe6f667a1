"""What the demo's customers report, and what the desk answers. Catalogue item -> reports; every text is invented."""

# item: ((title, description, question, solution), ...)
STORIES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "Error en la aplicación": (
        ("La nómina quincenal no se timbra", "Al timbrar la quincena el proceso termina con el mensaje «CFDI33118: el campo no cumple con el patrón». Ayer funcionaba.",
         "Para revisar el patrón que rechaza el PAC necesito el XML de un recibo con error. ¿Me lo puede adjuntar?",
         "Corregimos el régimen fiscal de los empleados reingresados.\n\n1. Abra Nómina › Timbrado.\n2. Elija la quincena y oprima «Reintentar rechazados»."),
        ("El cálculo del ISR sale en cero para el personal sindicalizado", "Desde el último cierre, los recibos del grupo 3 muestran ISR 0.00.",
         "¿Puede confirmar si el grupo 3 cambió de tabla en enero?", "Se reasignó la tabla de ISR del grupo 3 y se recalculó el periodo. Los recibos ya muestran la retención."),
        ("El cierre de caja no termina en Plaza Norte y Plaza Sur", "Se queda en 80 % y no imprime el corte.",
         "¿Desde qué versión del punto de venta están operando las cajas?", "Se liberó el turno que quedó abierto y se corrigió el proceso de cierre. Ya imprime el corte."),
        ("El reporte de ventas por sucursal no abre", "Al elegir más de tres sucursales aparece una página en blanco.",
         "¿Qué sucursales no ven el reporte, y con qué usuario?", "El reporte excedía el tiempo de consulta. Se agregó un índice y abre en menos de diez segundos."),
    ),
    "No puedo entrar": (
        ("Mi usuario aparece bloqueado en Oracle EBS", "Al tercer intento me bloqueó. Necesito capturar pedidos hoy.",
         "¿Desde qué equipo intenta entrar?", "Se desbloqueó el usuario y se verificó la entrada."),
        ("La VPN no acepta mi código", "Desde hoy el segundo factor siempre dice código inválido.",
         "¿Cambió de teléfono recientemente?", "La hora del teléfono estaba adelantada. Se sincronizó y se registró de nuevo el segundo factor."),
    ),
    "El sistema no responde": (
        ("Sin acceso a Oracle EBS, producción", "Ningún usuario puede entrar desde hace diez minutos.",
         "¿Ven algún mensaje o sólo tarda en cargar?", "Un nodo de la capa de aplicación se quedó sin memoria. Se reinició y se redistribuyó la carga."),
        ("La VPN de la planta se desconecta cada 10 minutos", "La VPN de la planta se cae y regresa sola. Producción captura a mano y Embarques no puede imprimir guías.",
         "¿Puede adjuntar la bitácora del equipo?", "El proveedor del enlace corrigió el certificado del túnel. Lleva dos horas estable."),
        ("Procesos encolados en el servidor de nómina", "Los procesos por lotes llevan una hora en espera.",
         "¿Hay algún proceso que podamos cancelar?", "Se liberó el proceso que bloqueaba la cola y se terminó el resto."),
    ),
    "Falla después de un parche": (
        ("El tablero de ventas no actualiza desde el parche", "Después del parche del domingo los datos se quedaron al sábado.",
         "¿Le aparece el aviso de versión al entrar?", "El parche desactivó la tarea de carga. Se activó y se cargaron los días faltantes."),
    ),
    "Error de la aplicación (bug)": (
        ("El folio se repite al guardar dos pedidos a la vez", "Dos vendedores obtuvieron el folio 18 442.",
         "¿Recuerda la hora exacta de ambos pedidos?", "Mientras el fabricante entrega la corrección, el folio se asigna al confirmar y no al abrir."),
    ),
    "Duda de operación": (
        ("¿Cómo imprimo el kárdex por almacén?", "Sólo encuentro el kárdex general.",
         "¿De qué almacenes lo necesita?", "En Inventarios › Reportes › Kárdex, elija «Por almacén» y marque los que necesita."),
        ("¿Cómo se cancela una factura del mes anterior?", "El cliente la rechazó y ya cerramos el mes.",
         "¿La factura ya tiene complemento de pago?", "Se cancela con el motivo 01 y se sustituye en el periodo abierto. Adjuntamos el paso a paso."),
    ),
    "Alta, baja o cambio de usuario": (
        ("Alta de usuario para Compras", "Entra el lunes. Mismo perfil que el resto de su área.",
         "¿Qué jefe inmediato autoriza el alta?", "El usuario quedó creado con el perfil de Compras. La contraseña se le envió sólo a la persona."),
        ("Baja de usuario por salida del personal", "Dejó la compañía el viernes.",
         "¿A quién se reasignan sus pendientes?", "El usuario quedó inactivo y sus aprobaciones pasaron a su jefe inmediato."),
    ),
    "Restablecer una contraseña": (
        ("Restablecer contraseña de Portal del empleado", "La persona regresó de vacaciones y no la recuerda.",
         "¿Puede confirmar el correo registrado?", "Se envió una liga de un solo uso al correo registrado de la persona."),
    ),
    "Cambio de configuración": (
        ("Cambio de leyenda en el recibo de nómina", "Necesitamos agregar el aviso de privacidad al pie.",
         "¿Tiene el texto autorizado por Jurídico?", "La leyenda quedó en la plantilla y se muestra desde la siguiente quincena."),
    ),
    "Consulta de datos (query)": (
        ("Listado de proveedores sin movimientos en el año", "Con RFC, última factura y saldo.",
         "¿Incluimos proveedores bloqueados?", "Se adjuntó el listado y quedó guardada la consulta para que la ejecute cuando quiera."),
    ),
    "Corrección de datos en tablas": (
        ("Corregir la sucursal en 14 pedidos", "Se capturaron en Sur y son de Norte. Ya lo validó Finanzas.",
         "¿Alguno de los pedidos ya se facturó?", "Se corrigieron los 14 pedidos con respaldo previo. Finanzas confirmó los saldos."),
    ),
    "Recrear una base de datos": (
        ("Refrescar la base de pruebas con datos de febrero", "La usaremos para la capacitación.",
         "¿Enmascaramos los datos de los empleados?", "La base de pruebas quedó con la copia del cierre, con los datos personales enmascarados."),
    ),
    "VPN": (
        ("Renovar el certificado de la VPN de Monterrey", "Vence a fin de mes.",
         "¿Qué ventana prefieren para el cambio?", "Se instaló el certificado nuevo; vence en dos años."),
    ),
}  # fmt: skip

REASONS = ("Falta el formato de levantamiento con los datos de la persona.", "El servicio no es parte del contrato.")
REFUSALS = ("Volvió a fallar al segundo intento.", "Sólo funciona con mi usuario, los demás siguen igual.")
ANSWERS = ("Adjunto lo que me pide.", "Sí, así es. Quedo al pendiente.", "Lo confirmé con el área: es correcto.")
NOTES = (
    "Revisar si es el mismo caso del mes pasado antes de escalar al proveedor.",
    "El usuario prefiere que se le llame después de las 16:00.",
)
PROMISES = (
    "Buenas tardes. Ya lo estamos revisando y le confirmo la fecha de solución.",
    "Lo tengo en mis manos; le escribo en cuanto haya avance.",
)
DELAYS = (
    (
        "Sigue en proceso; me falta una confirmación para poder cerrarlo.",
        "El proveedor entrega su parte un día después.",
    ),
    (
        "Encontré la causa, y corregirla toma más de lo que calculé.",
        "La corrección toca otro proceso y hay que probarla.",
    ),
    ("Voy a necesitar un poco más de tiempo.", "El cambio se autoriza en la ventana de mañana."),
)
VENDORS = (("Oracle", "SR 3-37110"), ("Telmex Empresas", "INC-88412"), ("PAC Facturación", "TK-5521"))

# Why somebody went up the matrix, and what the level said.
ESCALATIONS = (
    (
        "Llevo desde la mañana sin saber quién lo atiende, y la nómina se paga hoy.",
        "Hablé con el consultor: lo tiene en sus manos y le escribe antes de las 13:00.",
    ),
    (
        "Es la tercera vez que pasa este mes. Necesitamos que alguien revise la causa.",
        "De acuerdo. Abrimos la revisión de la causa y se la comparto el viernes.",
    ),
    (
        "La fecha que nos dieron ya pasó y nadie nos ha avisado.",
        "Tiene razón. La nueva fecha queda en el ticket y la sigo yo.",
    ),
    ("La respuesta no atiende lo que preguntamos.", "Pedí que la revise otra persona del grupo; le contestan hoy."),
)
