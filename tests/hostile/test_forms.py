"""Every form, every field, every hostile value: a message beside the field, nothing lost, nothing changed."""

from tests.hostile.forms import TYPED, Form, forms_of, message_beside, send
from tests.hostile.places import Place, places
from tests.hostile.tables import changed, digests, tell, undone
from tests.hostile.values import as_received, hostile, must_be_refused
from tests.hostile.world import World
from collections import Counter
import time

def test_every_form_takes_what_is_meant_for_it(world: World) -> None:
    for place in places(world):
        client = place.client(world)
        with undone(world.connection):
            before = digests(world.connection)
            answer = send(client, place.address, place.fields(place.form(world, client)))
            assert answer.status_code in {200, 302}, (place.name, answer.text)

def test_x(world: World) -> None:
    from mobility.core.limits import limiter
    c = Counter()
    for place in places(world):
        t=time.time(); n=0
        with undone(world.connection):
          client = place.client(world)
          form = place.form(world, client)
          for name in form.names(*TYPED, "select", "radio", "checkbox"):
            if name=="csrf_token": continue
            control = form.control(name)
            for what, value in hostile(form, name).items():
              with undone(world.connection):
                n+=1
                limiter.reset()
                before = digests(world.connection)
                client = place.client(world)
                fields = place.fields(form) | {name: [value]}
                try:
                    answer = send(client, place.address, fields)
                except Exception as e:
                    c[place.name, name, what, "EXC "+repr(e)[:200]]+=1
                    continue
                ch = changed(before, digests(world.connection))
                status = answer.status_code
                taken = status in (302,303)
                if taken:
                    if must_be_refused(control, value): c[place.name, name, what, "TAKEN", str(ch)]+=1
                    continue
                if ch: c[place.name, name, what, "CHANGED", str(status), str(ch)]+=1
                if status != place.refused: c[place.name, name, what, "STATUS", status]+=1
                if b"<script>alert" in answer.data: c[place.name, name, what, "RAW"]+=1
                again = [f for f in forms_of(answer.text) if name in f.names(control.kind)]
                if not again: c[place.name, name, what, "NOFORM", status]+=1; continue
                now = again[0].control(name)
                if control.kind in ("radio",):
                    m = message_beside(answer.text, name)
                    wrong = bool(m)
                else:
                    m = message_beside(answer.text, name if control.kind=="checkbox" else now.id)
                    wrong = any(x.is_wrong for x in again[0].controls if x.name==name)
                if not (m and wrong): c[place.name, name, what, "UNMARKED", m, wrong]+=1
                if control.kind in TYPED-{"password"} and now.value.strip() != as_received(value).strip(): c[place.name, name, what, "LOST", now.value[:30]]+=1
        tell(f"{place.name} {n} {time.time()-t:.1f}")
    for k in c: tell(str(k))
