import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type DragEvent } from "react";
import { useNavigate } from "react-router";
import type { FeedToSend } from "../api/partner";
import { ApiProblem } from "../api/problem";
import type { Validation } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { sizeWords } from "../desk/words";
import { MappingHelp } from "../portal/MappingHelp";
import { usePartnerApi } from "../portal/portal-tools";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import { faultOfFile, faultOfMapping, mediaTypeOf, SEND_MAX_BYTES } from "./feed-file";
import { ByRule, Counts, Refusal, RejectionTable } from "./Findings";
import { NEW_WAY, sendFeed, type Doing, type Way } from "./send-feed";
import "./feeds.css";

type Errand = "check" | "send";
interface Sending {
  readonly chosen: File;
  readonly controller: AbortController;
}
interface Faults {
  readonly file: string | null;
  readonly mapping: string | null;
}
const NO_FAULTS: Faults = { file: null, mapping: null };

/** Sends a feed, or has a small one checked and keeps nothing of it. */
export function SendPage() {
  const api = usePartnerApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  useTitle("Send a feed");
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState("");
  const [allOrNothing, setAllOrNothing] = useState(false);
  const [faults, setFaults] = useState<Faults>(NO_FAULTS);
  const [doing, setDoing] = useState<Doing | null>(null);
  const [stopped, setStopped] = useState(false);
  const way = useRef(NEW_WAY);
  const current = useRef<AbortController | null>(null);
  const sendButton = useRef<HTMLButtonElement>(null);
  useEffect(() => () => current.current?.abort(), []);

  const check = useMutation({ mutationFn: async (chosen: File) => api.validateFeed(await feedOf(chosen), mapping) });
  const send = useMutation({
    mutationFn: ({ chosen, controller }: Sending) => {
      const { signal } = controller;
      // What a sending that was given up still has to say is heard by nobody.
      const heard = <T,>(tell: (said: T) => void) => (said: T) => { if (!signal.aborted) tell(said); };
      const keep = (after: Way) => { way.current = after; };
      return sendFeed(api, { way: way.current, file: chosen, wish: { mapping, allOrNothing }, signal, onDoing: heard(setDoing), onWay: heard(keep) });
    },
    onSuccess: ({ job, rows }, { controller }) => {
      if (controller.signal.aborted) return;
      way.current = NEW_WAY;
      client.setQueryData(["portal", "job", job.id], job);
      void client.invalidateQueries({ queryKey: ["portal", "jobs"] });
      navigate(`/portal/jobs/${job.id}`, { state: { rows } });
    },
    onError: (error, { controller }) => {
      if (controller.signal.aborted) return;
      setDoing(null);
      if (!(error instanceof ApiProblem && error.undecided)) way.current = { ...way.current, key: null };
    },
  });
  const busy = check.isPending || send.isPending;
  /** Gives up what is on its way, if anything is. */
  const giveUp = () => {
    current.current?.abort();
    current.current = null;
    setDoing(null);
    send.reset();
  };
  /** What was sent or found before is no longer what stands there: another request needs another key. */
  const anew = () => {
    giveUp();
    way.current = { ...way.current, key: null };
    setStopped(false);
    setFaults(NO_FAULTS);
    check.reset();
  };
  const stop = () => {
    giveUp();
    setStopped(true);
    sendButton.current?.focus();
  };
  const begin = (errand: Errand) => {
    if (busy) return;
    const found = { file: faultOfFile(file, errand), mapping: faultOfMapping(mapping) };
    setFaults(found);
    setStopped(false);
    if (found.file !== null) document.getElementById("feed-file")?.focus();
    else if (found.mapping !== null) document.getElementById("feed-mapping")?.focus();
    else if (file !== null && errand === "check") check.mutate(file);
    else if (file !== null) {
      current.current = new AbortController();
      send.mutate({ chosen: file, controller: current.current });
    }
  };

  return (
    <div className="page desk-page">
      <h1>Send a feed</h1>
      <form className="desk-form send" method="post" noValidate onSubmit={(event) => event.preventDefault()}>
        <FileField file={file} fault={faults.file} onFile={(chosen) => { anew(); way.current = NEW_WAY; setFile(chosen); }} />
        <MappingField text={mapping} fault={faults.mapping} onText={(text) => { anew(); setMapping(text); }} />
        <label className="choice">
          <input type="checkbox" role="switch" checked={allOrNothing} onChange={(event) => { anew(); setAllOrNothing(event.target.checked); }} />
          <span className="choice-body">
            <span className="choice-title">All or nothing</span>
            <span className="choice-note">Take nothing unless every row is right. Otherwise the right rows of a feed are taken and the wrong ones reported.</span>
          </span>
        </label>
        <div className="desk-actions">
          <button ref={sendButton} type="button" className="button" aria-disabled={busy || undefined} onClick={() => begin("send")}>
            {send.isPending ? "Sending" : "Send"}
          </button>
          <button type="button" className="button button-quiet" aria-disabled={busy || undefined} onClick={() => begin("check")}>
            {check.isPending ? "Checking" : "Check only"}
          </button>
        </div>
        <OnItsWay file={busy ? file : null} doing={send.isPending ? doing : null} stopped={stopped} onStop={stop} />
        {send.isError ? <ErrorNotice title="The feed was not sent" error={send.error} {...retry(send.error, () => begin("send"))} /> : null}
        {check.isError ? <ErrorNotice title="The feed was not checked" error={check.error} {...retry(check.error, () => begin("check"))} /> : null}
      </form>
      {check.data ? <Checked found={check.data} /> : null}
    </div>
  );
}

async function feedOf(file: File): Promise<FeedToSend> {
  return { bytes: await file.arrayBuffer(), mediaType: mediaTypeOf(file.name), fileName: file.name };
}

/** How much of the file has gone. The sentence is read out when it changes; the figures beside the bar run silently. */
function OnItsWay({ file, doing, stopped, onStop }: { readonly file: File | null; readonly doing: Doing | null; readonly stopped: boolean; readonly onStop: () => void }) {
  const share = doing?.share ?? null;
  return (
    <div className="sending">
      {file ? <progress className="stage-bar" aria-label="On its way" max={1} {...(share === null ? {} : { value: share })} /> : null}
      <p className="small soft" role="status">
        {file ? DOING_WORDS[doing?.what ?? "checking"] : stopped ? "Stopped. Nothing was sent." : ""}
      </p>
      {file && share !== null ? <p className="small soft figures">{`${sizeWords(Math.round(share * file.size))} of ${sizeWords(file.size)}`}</p> : null}
      {file && doing !== null && doing.what !== "asking" ? (
        <button type="button" className="button button-quiet" onClick={onStop}>
          Stop
        </button>
      ) : null}
    </div>
  );
}

const DOING_WORDS: Record<Doing["what"] | "checking", string> = {
  checking: "The feed is being checked",
  preparing: "The file is being read here",
  storing: "The feed is on its way",
  asking: "The feed is being handed over",
};

/** What the shop found wrong with the request itself is not mended by asking again. */
function retry(error: unknown, onRetry: () => void): { onRetry?: () => void } {
  return error instanceof ApiProblem && error.status >= 400 && error.status < 500 && error.status !== 429 ? {} : { onRetry };
}

function FileField({ file, fault, onFile }: { readonly file: File | null; readonly fault: string | null; readonly onFile: (file: File | null) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0] ?? null);
  };
  return (
    <div className="field">
      <div
        className={over ? "drop drop-over" : "drop"}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <label className="field-label" htmlFor="feed-file">
          The feed
        </label>
        <p className="field-hint" id="feed-file-hint">
          {`Drop a file here or choose one: CSV, TSV, JSON, XML, Excel, or any of them packed by gzip. At most ${sizeWords(SEND_MAX_BYTES)}.`}
        </p>
        <input
          id="feed-file"
          type="file"
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault ? "feed-file-hint feed-file-error" : "feed-file-hint"}
          onChange={(event) => onFile(event.target.files?.[0] ?? null)}
        />
        <p className="drop-chosen" role="status">
          {file ? `${file.name}, ${sizeWords(file.size)}` : ""}
        </p>
      </div>
      {fault ? <FieldFault id="feed-file-error" words={fault} /> : null}
    </div>
  );
}

function MappingField({ text, fault, onText }: { readonly text: string; readonly fault: string | null; readonly onText: (text: string) => void }) {
  const [help, setHelp] = useState(false);
  return (
    <details className="mapping" open={text !== "" || fault !== null ? true : undefined}>
      <summary>Mapping</summary>
      <div className="field">
        <label className="field-label" htmlFor="feed-mapping">
          Which of your fields means what <span className="field-optional">(optional)</span>
        </label>
        <p className="field-hint" id="feed-mapping-hint">
          A JSON object. Feeds whose fields have names that we know need none.
        </p>
        <textarea
          id="feed-mapping"
          className="input mapping-text"
          rows={6}
          placeholder={MAPPING_EXAMPLE}
          spellCheck={false}
          value={text}
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault ? "feed-mapping-hint feed-mapping-error" : "feed-mapping-hint"}
          onChange={(event) => onText(event.target.value)}
        />
        {fault ? <FieldFault id="feed-mapping-error" words={fault} /> : null}
      </div>
      <details className="mapping-help" onToggle={(event) => setHelp(event.currentTarget.open)}>
        <summary>How a mapping is written</summary>
        {help ? <MappingHelp /> : null}
      </details>
    </details>
  );
}

const MAPPING_EXAMPLE = `{
  "fields": {"sku": "Article number", "name": "Title", "price": "Net price"},
  "currency": "EUR",
  "decimal": "comma"
}`;

function FieldFault({ id, words }: { readonly id: string; readonly words: string }) {
  return (
    <p className="field-error" id={id}>
      <Icon name="alert" size={16} />
      {words}
    </p>
  );
}

function Checked({ found }: { readonly found: Validation }) {
  const [rule, setRule] = useState("");
  const all = Object.values(found.by_rule).reduce((sum, count) => sum + count, 0);
  const rows = found.rejections.filter((rejection) => rule === "" || rejection.rule === rule);
  return (
    <section aria-labelledby="checked">
      <h2 id="checked">What was found</h2>
      <p role="status">{checkedSentence(found)}</p>
      {found.refusal ? <Refusal refusal={found.refusal} /> : null}
      <Counts counts={found.counts} />
      <ByRule byRule={found.by_rule} chosen={rule} onChoose={setRule} />
      {rows.length > 0 ? <RejectionTable rejections={rows} /> : null}
      {all > found.rejections.length ? <p className="small soft">{`The first ${found.rejections.length} of ${all} are told. Send the feed for the whole report.`}</p> : null}
    </section>
  );
}

function checkedSentence(found: Validation): string {
  if (found.refusal) return "The feed would be refused. Nothing of it was kept.";
  return found.counts.rejected === 0 ? "Every row is right. Nothing of it was kept." : "Some rows are wrong. Nothing of it was kept.";
}
