"""Rules are changed in the portal: mistakes shown as one types, everybody previewed, saved as a revision."""

import html
import re

import httpx


def test_the_flow_map_tells_who_wins_and_where_it_goes(reader):
    text = reader.get("/rules").text
    row = re.search(r"<tr>\s*<td>(?:(?!</tr>).)*<b>title</b>.*?</tr>", text, re.DOTALL).group()
    assert re.search(r"1\. <a[^>]*>phones-person</a>.*2\. <a[^>]*>hr-person</a>", row, re.DOTALL)
    assert "directory · title" in row


def test_a_folder_is_not_changed_here(reader):
    text = reader.get("/rules/hr-person").text
    assert "change it there" in text
    assert "<textarea" not in text


def test_a_mistake_is_shown_with_a_caret_before_anything_is_saved(kept):
    text = text_of(kept).replace("lower(status)", "lowr(status)")
    told = html.unescape(kept.post("/rules/hr-person/check", data={"csrf": token_of(kept), "text": text}).text)
    assert "rules/hr-person.yaml" in told
    assert re.search(r"lowr\(status\)\n +\^", told)
    refused = kept.post("/rules/hr-person", data={"csrf": token_of(kept), "text": text, "reason": "try"})
    assert refused.status_code == httpx.codes.BAD_REQUEST
    assert "lowr" not in text_of(kept)


def test_a_change_is_previewed_on_everybody_and_then_saved(kept):
    text = text_of(kept).replace("last: last", "last: upper(last)")
    assert "Right, and so is everything" in kept.post(
        "/rules/hr-person/check", data={"csrf": token_of(kept), "text": text}
    ).text  # fmt: skip
    shown = kept.post("/rules/hr-person/preview", data={"csrf": token_of(kept), "text": text}, follow_redirects=True)
    assert re.search(r"<ins>LEE7</ins>", shown.text)
    assert "would be refused" in shown.text
    assert "upper(last)" not in text_of(kept)
    saved = kept.post("/rules/hr-person", data={"csrf": token_of(kept), "text": text, "reason": "as payroll writes"})
    assert saved.headers["location"] == "/rules/hr-person"
    assert "upper(last)" in text_of(kept)


def text_of(client):
    return html.unescape(
        re.search(r"<textarea[^>]*>(.*?)</textarea>", client.get("/rules/hr-person").text, re.DOTALL)[1]
    )


def token_of(client):
    return re.search(r'name="csrf" value="([^"]+)"', client.get("/rules").text).group(1)
