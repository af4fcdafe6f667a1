"""What the desk does with a complaint or suggestion: what each act is called, asks for and does (guide 2.2, 3.13)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.models import User
from console import voice_forms
from console.forms import PlainForm
from surveys.models import Voice
from surveys.services import suggestions, voices
from surveys.vocabulary import Decision

LONG, LINE, DECISION, AREA, PEOPLE = "long", "line", "decision", "area", "people"


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    label: str
    kind: str = LONG
    help: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class VoiceAct:
    """`label` names it, `button` says what the click does, `effect` whom it tells; `done` is told afterwards, of its number."""

    name: str
    label: str
    button: str
    icon: str
    effect: str
    done: str
    inputs: tuple[Input, ...] = ()
    danger: bool = False


REASON = Input("reason", "Motivo", help="Queda en el historial.")
SAID = "Escriba quién lo dijo, cuándo y por qué medio. Queda en el historial, y que usted lo anotó."
ACTS: Mapping[str, VoiceAct] = {
    act.name: act
    for act in (
        VoiceAct(
            "acknowledge",
            "Acusar recibo",
            "Acusar recibo",
            "hand-raised",
            "El cliente sabe quién la tiene en sus manos, y empieza a correr el plazo para responder.",
            "Quedó el acuse de recibo de {number}; el cliente recibe el aviso.",
        ),
        VoiceAct(
            "analyse",
            "Analizar",
            "Poner en análisis",
            "magnifying-glass",
            "Dice al cliente que se está revisando. Si nadie había acusado recibo, también lo acusa.",
            "{number} está en análisis.",
        ),
        VoiceAct(
            "answer",
            "Responder",
            "Enviar la respuesta",
            "chat-bubble-left-ellipsis",
            "El cliente recibe la respuesta y tiene tres días hábiles para decir si no está conforme.",
            "La respuesta de {number} salió al cliente.",
            (
                Input("decision", "Qué se decidió", DECISION),
                Input("text", "Respuesta al cliente", help="Qué se encontró, qué se hizo o se hará, y cuándo."),
            ),
        ),
        VoiceAct(
            "reroute",
            "Turnar a otra área",
            "Turnar",
            "arrows-right-left",
            "Se avisa al primer nivel de la otra área y sus plazos empiezan de nuevo.",
            "{number} se turnó a otra área.",
            (Input("area", "Dirección y área", AREA), REASON),
        ),
        VoiceAct(
            "point_at",
            "Señalar personas",
            "Guardar las personas señaladas",
            "eye-slash",
            "Dejan de verla en todas partes, y los niveles que ocupan se saltan. La lista sustituye a la anterior; vacía, la quita.",
            "Se guardaron las personas señaladas en {number}.",
            (
                Input("pointed_at", "Personas de la Mesa señaladas", PEOPLE, voice_forms.POINTING, required=False),
                REASON,
            ),
        ),
        VoiceAct(
            "agree",
            "Registrar conformidad",
            "Cerrar con su conformidad",
            "hand-thumb-up",
            "Se cierra: el cliente dijo que está conforme con la respuesta.",
            "{number} se cerró con la conformidad del cliente.",
            (Input("reason", "Cómo lo dijo", help=SAID),),
        ),
        VoiceAct(
            "appeal",
            "Registrar inconformidad",
            "Registrar la inconformidad",
            "hand-thumb-down",
            "Vuelve a análisis y se avisa al nivel siguiente.",
            "Se registró la inconformidad con {number}; se avisó al nivel siguiente.",
            (Input("reason", "Qué dijo el cliente", help=f"Por qué no está conforme; lo lee quien la revise. {SAID}"),),
        ),
        VoiceAct(
            "share",
            "Compartir con los clientes",
            "Compartir",
            "share",
            "La leen y votan los usuarios válidos de todas las compañías, con estas palabras; no ven de quién es.",
            "{number} se comparte con todos los clientes.",
            (
                Input("subject", "Asunto para todos", LINE),
                Input("body", "Texto para todos", help="No nombre a la compañía, a sus personas ni sus sistemas."),
            ),
        ),
        VoiceAct(
            "unshare",
            "Dejar de compartir",
            "Dejar de compartir",
            "lock-closed",
            "Sólo su compañía vuelve a leerla. Los votos que ya tiene se conservan.",
            "{number} ya no se comparte.",
        ),
        VoiceAct(
            "open_action",
            "Abrir acción correctiva",
            "Abrir la acción",
            "wrench-screwdriver",
            "Abre una acción con responsable y fecha, y la liga a ésta. Las personas señaladas no la ven.",
            "Se abrió la acción de {number}.",
            (
                Input("title", "Acción", LINE, "Qué hay que conseguir, en una línea."),
                Input("problem", "Qué pasó"),
            ),
        ),
        VoiceAct(
            "withdraw",
            "Retirar en nombre del cliente",
            "Retirar",
            "arrow-uturn-left",
            "Se cierra como retirada, y el cliente recibe el aviso.",
            "{number} quedó retirada.",
            (Input("reason", "Cómo lo pidió", help=SAID),),
            danger=True,
        ),
    )
}
"""In the order of the page's buttons. What is said in a comment or a note has its own form there."""
RARE = ("share", "unshare", "point_at", "withdraw")
"""Kept under «Más»."""


class VoiceActForm(PlainForm):
    """The inputs of one act, with the version that the person saw."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, act: VoiceAct, voice: Voice, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "acto-%s", "initial": _initial(act, voice), **kwargs})
        self.inputs_of = [spec for spec in act.inputs if spec.kind != DECISION or not voice.is_complaint]
        for spec in self.inputs_of:
            field = MAKERS[spec.kind](spec)
            field.label, field.help_text, field.required = spec.label, spec.help, spec.required
            self.fields[spec.name] = field

    @property
    def inputs(self) -> list[forms.BoundField]:
        """Those that the component `field` draws."""
        return [self[spec.name] for spec in self.inputs_of if spec.kind != PEOPLE]

    @property
    def people(self) -> list[forms.BoundField]:
        return [self[spec.name] for spec in self.inputs_of if spec.kind == PEOPLE]

    def values(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        found: dict[str, Any] = {}
        for spec in self.inputs_of:
            if spec.kind == AREA:
                found["direction"], found["area"] = voice_forms.area_of(str(self.data.get("area", "")))
            elif spec.kind == PEOPLE:
                data: Any = self.data
                found["people"] = voice_forms.people_of(data.getlist(spec.name))
            else:
                found[spec.name] = str(self.data.get(spec.name, ""))
        return found


def _initial(act: VoiceAct, voice: Voice) -> dict[str, Any]:
    if act.name == "point_at":
        return {"pointed_at": [str(pk) for pk in voice.pointed_at.values_list("pk", flat=True)]}
    if act.name == "share":
        return {"subject": voice.shared_subject or voice.subject, "body": voice.shared_body or voice.body}
    if act.name == "open_action":
        return {"title": voice.subject, "problem": voice.body}
    return {}


def _people(spec: Input) -> forms.Field:
    return forms.MultipleChoiceField(choices=voice_forms.desk_people(), widget=forms.CheckboxSelectMultiple)


MAKERS: Mapping[str, Callable[[Input], forms.Field]] = {
    LONG: lambda spec: forms.CharField(widget=forms.Textarea(attrs={"rows": 5})),
    LINE: lambda spec: forms.CharField(),
    DECISION: lambda spec: forms.ChoiceField(choices=[("", "—"), *Decision.choices]),
    AREA: lambda spec: forms.ChoiceField(choices=voice_forms.area_choices()),
    PEOPLE: _people,
}


def offered(voice: Voice, may: list[str]) -> list[VoiceAct]:
    """The acts that the person may do now, of those that the policy names."""
    return [act for name, act in ACTS.items() if name in may]


def do(voice: Voice, name: str, form: VoiceActForm, version: int, actor: User) -> str:
    """Carry out the act. Raises what the services refuse. Returns what to tell the person."""
    values = form.values()
    if name in ("share", "unshare"):
        getattr(suggestions, name)(voice, by=actor, version=version, **values)
    elif name == "open_action":
        action = voices.open_action(voice, by=actor, version=version, **values)
        return f"{action.number} responde a {voice.number}; es de {action.owner.full_name}."
    else:
        getattr(voices, name)(voice, by=actor, version=version, **values)
    return ACTS[name].done.format(number=voice.number)
