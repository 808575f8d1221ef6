import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aJob, aRejection, aValidation, NOTHING_COUNTED, ownTime, refusal, serve, signedIn } from "../../test/partner";
import { storing } from "../../test/storing";
import { aShop, openAt } from "../../test/shop";
import type { FeedJob } from "../api/shapes";

const CSV = "sku,name,price_cents,stock\nTEA-1,Green tea,499,20\nTEA-2,Mint tea,,4\nTEA-3,Balm,99,1\n";
const aFile = (text = CSV, name = "teas.csv") => new File([text], name);
const large = (bytes: number) => Object.defineProperty(aFile(), "size", { value: bytes });

beforeEach(() => signedIn());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("sending a feed", () => {
  // Proves: S4-U2a
  it("is answered at once, shows how far it is stage by stage, and ends in the report", async () => {
    ownTime();
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    let job: FeedJob = aJob({ state: "received", format: null, counts: NOTHING_COUNTED, by_rule: {}, report_parts: 0 });
    const server = serve({
      "POST /partner/ingest": () => Response.json(job, { status: 202 }),
      "GET /partner/jobs/01job": () => job,
      "GET /partner/jobs/01job/report": { items: [aRejection()], next_cursor: null },
    });
    openAt("/portal/send", aShop());
    await user.upload(await screen.findByLabelText("The feed"), aFile());
    expect(screen.getByText("teas.csv, 84 bytes")).toBeVisible();
    await user.click(screen.getByRole("switch", { name: /All or nothing/ }));
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByText("Received. It waits for its turn.")).toBeVisible();

    const sent = server.to("POST /partner/ingest")[0]!;
    expect(sent.headers.get("Content-Type")).toBe("text/csv");
    expect(sent.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.fromEntries(sent.url.searchParams)).toEqual({ file_name: "teas.csv", all_or_nothing: "true" });
    expect(sent.body).toBe(CSV);

    const shareOf = (name: string) => (screen.getByRole("progressbar", { name }) as HTMLProgressElement).value;
    expect([shareOf("Received"), shareOf("Read"), shareOf("Checked")]).toEqual([1, 0, 0]);
    job = { ...job, state: "reading", format: "csv", counts: { ...NOTHING_COUNTED, seen: 2, accepted: 1, rejected: 1 } };
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await screen.findByText("It is being read and checked.")).toHaveAttribute("role", "status");
    expect(shareOf("Read")).toBeCloseTo(2 / 3);
    job = aJob();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await screen.findByText("Done. 2 rows are right, 1 wrong.")).toBeVisible();
    expect(shareOf("Stored")).toBe(1);
    expect(await screen.findByText("The price is missing.")).toBeVisible();
    const asked = server.to("GET /partner/jobs/01job").length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.to("GET /partner/jobs/01job")).toHaveLength(asked);
  });

  // Proves: S4-U2a
  it("goes on looking by itself when a look fails, and waits as long as it is asked to", async () => {
    ownTime();
    const answers = [() => aJob({ state: "reading" }), refusal(429, "Too many requests. Please wait and try again.", {}, { "Retry-After": "9" })];
    const server = serve({ "GET /partner/jobs/01job": () => (answers.shift() ?? (() => aJob({ report_parts: 0 })))() });
    openAt("/portal/jobs/01job", aShop());
    expect(await screen.findByText("It is being read and checked.")).toBeVisible();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await screen.findByText("The last look failed. We look again by ourselves.")).toBeVisible();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.calls).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await screen.findByText(/^Done\. /)).toBeVisible();
  });

  it("takes what is dropped on it", async () => {
    serve({});
    openAt("/portal/send", aShop());
    const field = await screen.findByLabelText("The feed");
    const place = field.closest(".drop")!;
    fireEvent.dragOver(place);
    expect(place).toHaveClass("drop-over");
    fireEvent.dragLeave(place);
    expect(place).not.toHaveClass("drop-over");
    fireEvent.drop(place, { dataTransfer: { files: [aFile(CSV, "dropped.json")] } });
    expect(screen.getByText("dropped.json, 84 bytes")).toBeVisible();
  });

  it("says before any call what cannot be sent", async () => {
    const user = userEvent.setup();
    const server = serve({});
    openAt("/portal/send", aShop());
    await user.click(await screen.findByRole("button", { name: "Send" }));
    expect(screen.getByText("Choose a file first.")).toBeVisible();
    expect(screen.getByLabelText("The feed")).toHaveFocus();
    await user.upload(screen.getByLabelText("The feed"), aFile(""));
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(screen.getByText(/The file is empty/)).toBeVisible();
    await user.upload(screen.getByLabelText("The feed"), large(300_000_000));
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(screen.getByText("A feed has at most 256 MB, and this one has 286.2 MB. Pack it with gzip, or split it.")).toBeVisible();
    await user.upload(screen.getByLabelText("The feed"), large(2_000_000));
    await user.click(screen.getByRole("button", { name: "Check only" }));
    expect(screen.getByText(/Up to 1 MB can be checked at once, and this file has 2 MB/)).toBeVisible();
    await user.upload(screen.getByLabelText("The feed"), aFile());
    await user.click(screen.getByText("Mapping"));
    await user.click(screen.getByLabelText(/Which of your fields/));
    await user.paste("[1]");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(screen.getByText(/A mapping is a JSON object/)).toBeVisible();
    expect(screen.getByLabelText(/Which of your fields/)).toHaveFocus();
    expect(server.calls).toHaveLength(0);
  });

  it("says a refusal in the server's words, and asks again under the same key where nobody knows the outcome", async () => {
    const user = userEvent.setup();
    const answers = [() => refusal(500, "Something went wrong on our side. It has been noted.")(), () => refusal(422, "The mapping names no field.")(), () => Response.json(aJob(), { status: 202 })];
    const server = serve({ "POST /partner/ingest": () => answers.shift()!(), "GET /partner/jobs/01job": aJob(), "GET /partner/jobs/01job/report": { items: [], next_cursor: null } });
    openAt("/portal/send", aShop());
    await user.upload(await screen.findByLabelText("The feed"), aFile());
    await user.click(screen.getByText("Mapping"));
    await user.click(screen.getByLabelText(/Which of your fields/));
    await user.paste('{"sku":"id"}');
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByText("Something went wrong on our side. It has been noted.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("The mapping names no field.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByRole("heading", { level: 1, name: "teas.csv" })).toBeVisible();
    const sent = server.to("POST /partner/ingest");
    const keys = sent.map((call) => call.headers.get("Idempotency-Key"));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[1]);
    expect(sent[0]!.url.searchParams.get("mapping")).toBe('{"sku":"id"}');
  });
});

describe("sending a large feed", () => {
  const LARGE = `sku,name,price_cents,stock\n${"TEA-1,Green tea,499,20\n".repeat(30_000)}`;
  const anUpload = { id: "01upload", url: "https://feeds.example/01upload?signed", method: "PUT", headers: { "content-length": "690027", "if-none-match": "*" }, expires_at: "2126-01-05T11:00:00.000Z" };
  const served = () =>
    serve({
      "POST /partner/uploads": () => Response.json(anUpload, { status: 201 }),
      "POST /partner/uploads/01upload/ingest": () => Response.json(aJob(), { status: 202 }),
      "GET /partner/jobs/01job": aJob(),
      "GET /partner/jobs/01job/report": { items: [], next_cursor: null },
    });
  const begin = async (user: ReturnType<typeof userEvent.setup>) => {
    openAt("/portal/send", aShop());
    await user.upload(await screen.findByLabelText("The feed"), aFile(LARGE));
    await user.click(screen.getByRole("button", { name: "Send" }));
  };

  // Proves: S4-U2a
  it("shows how much of it has gone, hands it over once it is stored, and tells its hash beforehand", async () => {
    const store = storing();
    const server = served();
    const user = userEvent.setup();
    await begin(user);
    await waitFor(() => expect(store.tries).toHaveLength(1));
    const announced = JSON.parse(server.to("POST /partner/uploads")[0]!.body) as { sha256: string };
    expect(announced).toMatchObject({ bytes: 690_027, media_type: "text/csv", file_name: "teas.csv" });
    expect(announced.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(store.tries[0]!.headers).toEqual({ "if-none-match": "*" });

    act(() => store.tries[0]!.gone(345_013, 690_027));
    expect(screen.getByRole("progressbar", { name: "On its way" })).toHaveValue(345_013 / 690_027);
    expect(screen.getByText("337 KB of 674 KB")).toBeVisible();
    expect(screen.getByText("The feed is on its way")).toHaveAttribute("role", "status");
    expect(server.to("POST /partner/uploads/01upload/ingest")).toHaveLength(0);

    act(() => store.tries[0]!.ends(200));
    expect(await screen.findByRole("heading", { level: 1, name: "teas.csv" })).toBeVisible();
    expect(server.to("POST /partner/uploads/01upload/ingest")).toHaveLength(1);
    expect(server.to("POST /partner/ingest")).toHaveLength(0);
  });

  it("goes on where it was: what was announced is not announced again, and what is stored is not stored again", async () => {
    const store = storing();
    const server = served();
    const user = userEvent.setup();
    await begin(user);
    await waitFor(() => expect(store.tries).toHaveLength(1));
    act(() => store.tries[0]!.breaks());
    expect(await screen.findByText(/We could not reach the shop/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(store.tries).toHaveLength(2));
    // The first try had stored it, though nobody heard.
    act(() => store.tries[1]!.ends(412));
    expect(await screen.findByRole("heading", { level: 1, name: "teas.csv" })).toBeVisible();
    expect(server.to("POST /partner/uploads")).toHaveLength(1);
  });

  it("asks for another address where the one it has counts no more", async () => {
    const store = storing();
    const server = served();
    const user = userEvent.setup();
    await begin(user);
    await waitFor(() => expect(store.tries).toHaveLength(1));
    act(() => store.tries[0]!.ends(403));
    expect(await screen.findByText("The address for this file counts no more. Send it again.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(store.tries).toHaveLength(2));
    expect(server.to("POST /partner/uploads")).toHaveLength(2);
  });

  it("can be stopped, and nothing is handed over then", async () => {
    const store = storing();
    const server = served();
    const user = userEvent.setup();
    await begin(user);
    await waitFor(() => expect(store.tries).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(await screen.findByText("Stopped. Nothing was sent.")).toHaveAttribute("role", "status");
    expect(screen.getByRole("button", { name: "Send" })).toHaveFocus();
    expect(store.tries[0]!.aborted).toBe(true);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(server.to("POST /partner/uploads/01upload/ingest")).toHaveLength(0);
    await user.upload(screen.getByLabelText("The feed"), aFile());
    expect(screen.queryByText("Stopped. Nothing was sent.")).toBeNull();
  });

  it("is given up when the file or a wish changes, and what it still says spoils nothing of the next", async () => {
    const store = storing();
    let announce: (reply: Response) => void = () => undefined;
    const first = new Promise<Response>((resolve) => (announce = resolve));
    const replies: (() => Promise<Response>)[] = [() => first];
    const server = serve({
      "POST /partner/uploads": () => (replies.shift() ?? (() => Promise.resolve(Response.json({ ...anUpload, id: "02upload" }, { status: 201 }))))(),
      "POST /partner/uploads/02upload/ingest": () => Response.json(aJob(), { status: 202 }),
      "GET /partner/jobs/01job": aJob(),
      "GET /partner/jobs/01job/report": { items: [], next_cursor: null },
    });
    const user = userEvent.setup();
    await begin(user);
    await waitFor(() => expect(server.to("POST /partner/uploads")).toHaveLength(1));
    await user.click(screen.getByRole("switch", { name: /All or nothing/ }));
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(store.tries).toHaveLength(1));
    announce(Response.json(anUpload, { status: 201 }));
    await new Promise((go) => setTimeout(go, 20));
    act(() => store.tries[0]!.ends(200));
    expect(await screen.findByRole("heading", { level: 1, name: "teas.csv" })).toBeVisible();
    const handed = server.to("POST /partner/uploads/02upload/ingest");
    expect(handed).toHaveLength(1);
    expect(handed[0]!.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(handed[0]!.url.searchParams.get("all_or_nothing")).toBe("true");
  });

  it("is announced again by itself when what was stored is not there", async () => {
    const store = storing();
    const answers = [() => refusal(409, "The bytes are not there.", { code: "upload_missing" })(), () => Response.json(aJob(), { status: 202 })];
    const server = serve({
      "POST /partner/uploads": () => Response.json(anUpload, { status: 201 }),
      "POST /partner/uploads/01upload/ingest": () => answers.shift()!(),
      "GET /partner/jobs/01job": aJob(),
      "GET /partner/jobs/01job/report": { items: [], next_cursor: null },
    });
    const user = userEvent.setup();
    await begin(user);
    await waitFor(() => expect(store.tries).toHaveLength(1));
    act(() => store.tries[0]!.ends(412));
    await waitFor(() => expect(store.tries).toHaveLength(2));
    act(() => store.tries[1]!.ends(200));
    expect(await screen.findByRole("heading", { level: 1, name: "teas.csv" })).toBeVisible();
    expect(server.to("POST /partner/uploads")).toHaveLength(2);
    const keys = server.to("POST /partner/uploads/01upload/ingest").map((call) => call.headers.get("Idempotency-Key"));
    expect(new Set(keys).size).toBe(2);
  });

  it("says so when the file changed meanwhile, and offers no second try of what is gone", async () => {
    storing();
    served();
    const user = userEvent.setup();
    openAt("/portal/send", aShop());
    const file = aFile(LARGE);
    file.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
    await user.upload(await screen.findByLabelText("The feed"), file);
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByText("The file has changed since it was chosen. Choose it anew.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
});

describe("checking a feed", () => {
  it("tells what was found and keeps nothing", async () => {
    const user = userEvent.setup();
    const server = serve({ "POST /partner/contract/validate": aValidation({ by_rule: { price_required: 120, sku_required: 1 }, rejections: [aRejection(), aRejection({ rule: "sku_required", detail: "The SKU is missing.", line: 0 })] }) });
    openAt("/portal/send", aShop());
    await user.upload(await screen.findByLabelText("The feed"), aFile("<rss/>", "teas.rss"));
    await user.click(screen.getByRole("button", { name: "Check only" }));
    expect(await screen.findByText("Some rows are wrong. Nothing of it was kept.")).toBeVisible();
    expect(server.calls[0]!.headers.get("Content-Type")).toBe("application/rss+xml");
    expect(screen.getByText("The first 2 of 121 are told. Send the feed for the whole report.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: /sku_required/ }));
    expect(screen.queryByText("The price is missing.")).toBeNull();
    expect(screen.getByText("The SKU is missing.")).toBeVisible();
  });

  it("tells why a feed would be refused", async () => {
    const user = userEvent.setup();
    serve({ "POST /partner/contract/validate": aValidation({ format: null, counts: NOTHING_COUNTED, by_rule: {}, rejections: [], refusal: { rule: "not_a_feed", detail: "This is a picture.", hint: "Send a feed.", line: 4 } }) });
    openAt("/portal/send", aShop());
    await user.upload(await screen.findByLabelText("The feed"), aFile("x", "teas"));
    await user.click(screen.getByRole("button", { name: "Check only" }));
    expect(await screen.findByText("The feed would be refused. Nothing of it was kept.")).toBeVisible();
    expect(screen.getByText("The feed was refused at line 4")).toBeVisible();
    expect(screen.getByText("Send a feed.")).toBeVisible();
  });
});

describe("the report", () => {
  // Proves: S4-U2b
  it("names line, row, field, what is wrong, how to mend it and the value", async () => {
    serve({ "GET /partner/jobs/01job": aJob(), "GET /partner/jobs/01job/report": { items: [aRejection({ value_start: "4,99 €" })], next_cursor: null } });
    openAt("/portal/jobs/01job", aShop());
    const table = within(await screen.findByRole("group", { name: "What is wrong" }));
    expect(table.getAllByRole("columnheader").map((cell) => cell.textContent)).toEqual(["Line", "Row", "Field", "What is wrong", "How to mend it", "The value"]);
    expect(table.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["3", "2", "price", "The price is missing.", "State a price.", "4,99 €"]);
  });

  it("comes in pages, and shows one rule alone", async () => {
    const user = userEvent.setup();
    const many = Array.from({ length: 120 }, (_, place) => aRejection({ row: place + 1 }));
    const server = serve({
      "GET /partner/jobs/01job": aJob({ by_rule: { price_required: 120, sku_required: 1 } }),
      "GET /partner/jobs/01job/report": ({ url }) => (url.searchParams.get("cursor") === "second" ? { items: [aRejection({ rule: "sku_required", detail: "The SKU is missing." })], next_cursor: null } : { items: many, next_cursor: "second" }),
    });
    openAt("/portal/jobs/01job", aShop());
    expect(await screen.findByText("100 of 121 shown")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByText("121 of 121 shown")).toBeVisible();
    expect(server.to("GET /partner/jobs/01job/report")).toHaveLength(2);
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
    await user.click(screen.getByRole("button", { name: /sku_required/ }));
    expect(screen.getByText("1 of 1 shown")).toBeVisible();
    expect(screen.getByText("The SKU is missing.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: /sku_required/ }));
    expect(screen.getByText("100 of 121 shown")).toBeVisible();
  });

  // Proves: S4-U2b
  it("is saved as one file, its pages joined under one head", async () => {
    const user = userEvent.setup();
    const saved: Blob[] = [];
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: (blob: Blob) => (saved.push(blob), "blob:report"), revokeObjectURL: () => undefined }));
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    const csv = (text: string, next?: string) => new Response(text, { headers: { "Content-Type": "text/csv", ...(next ? { Link: `</partner/jobs/01job/report?format=csv&cursor=${next}>; rel="next"` } : {}) } });
    const pages: Record<string, Response> = { "": csv("line,row\n3,2\n", "b"), b: csv("4,3\n", "c"), c: csv("line,row\n5,4") };
    const server = serve({
      "GET /partner/jobs/01job": aJob(),
      "GET /partner/jobs/01job/report": ({ url }) => (url.searchParams.get("format") === "csv" ? pages[url.searchParams.get("cursor") ?? ""]! : { items: [aRejection()], next_cursor: null }),
    });
    openAt("/portal/jobs/01job", aShop());
    await user.click(await screen.findByRole("button", { name: "Download as CSV" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    const text = await new Promise((read) => {
      const reader = new FileReader();
      reader.onload = () => read(reader.result);
      reader.readAsText(saved[0]!);
    });
    expect(text).toBe("line,row\n3,2\n4,3\n5,4\n");
    expect((clicked.mock.contexts[0] as HTMLAnchorElement).download).toBe("report-01job.csv");
    expect(server.to("GET /partner/jobs/01job/report").filter((call) => call.url.searchParams.get("format") === "csv")).toHaveLength(3);
    expect(await screen.findByText("The report is saved as a file.")).toBeVisible();
  });

  it("is not there when nothing is wrong, and says why a refused feed was refused", async () => {
    serve({
      "GET /partner/jobs/good": aJob({ id: "good", counts: { seen: 3, accepted: 3, changed: 1, rejected: 0, merged: 0 }, by_rule: {}, report_parts: 0 }),
      "GET /partner/jobs/bad": aJob({ id: "bad", file_name: null, state: "refused", counts: NOTHING_COUNTED, by_rule: {}, report_parts: 0, refusal: { rule: "not_a_feed", detail: "This is a picture.", hint: "Send a feed." } }),
      "GET /partner/jobs/broken": refusal(500, "Something went wrong on our side. It has been noted."),
    });
    const good = openAt("/portal/jobs/good", aShop());
    expect(await screen.findByText("Nothing is wrong with this feed.")).toBeVisible();
    good.unmount();
    const bad = openAt("/portal/jobs/bad", aShop());
    expect(await screen.findByText("This is a picture.")).toBeVisible();
    expect(screen.getByRole("heading", { level: 1, name: "A feed without a name" })).toBeVisible();
    bad.unmount();
    const broken = openAt("/portal/jobs/broken", aShop());
    expect(await screen.findByText("The feed did not load")).toBeVisible();
    broken.unmount();
    openAt("/portal/jobs/foreign", aShop());
    expect(await screen.findByText("We could not find that feed")).toBeVisible();
  });
});

describe("the feeds that were sent", () => {
  it("are listed with their counts, and the newest can be read again", async () => {
    const user = userEvent.setup();
    const justNow = { received_at: new Date().toISOString() };
    let newest = aJob(justNow);
    const server = serve({
      "GET /partner/jobs": ({ url }) => (url.searchParams.get("cursor") === "older" ? { items: [aJob({ id: "00job", file_name: null })], next_cursor: null } : { items: [newest, aJob({ id: "0old", file_name: "old.csv" })], next_cursor: "older" }),
      "POST /partner/jobs/01job/requeue": () => Response.json((newest = aJob({ ...justNow, state: "received", counts: NOTHING_COUNTED })), { status: 202 }),
    });
    openAt("/portal/jobs", aShop());
    expect(await screen.findByRole("link", { name: "teas.csv" })).toHaveAttribute("href", "/portal/jobs/01job");
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("link", { name: "00job" })).toBeVisible();
    expect(screen.getAllByRole("button", { name: /Read again/ })).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Read again: teas.csv" }));
    expect(await screen.findByText("Waiting")).toBeVisible();
    expect(server.to("POST /partner/jobs/01job/requeue")[0]!.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("are none at first, and can be asked for again when they did not load", async () => {
    const user = userEvent.setup();
    let broken = true;
    serve({ "GET /partner/jobs": () => (broken ? refusal(500, "Something went wrong on our side. It has been noted.") : { items: [], next_cursor: null }) });
    openAt("/portal/jobs", aShop());
    expect(await screen.findByText("The feeds did not load")).toBeVisible();
    broken = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("No feeds yet")).toBeVisible();
  });

  it("cannot be read again when a later one came, in the server's words", async () => {
    serve({ "GET /partner/jobs/01job": aJob({ received_at: new Date().toISOString(), report_parts: 0 }), "POST /partner/jobs/01job/requeue": refusal(409, "A later feed came since, and what it says stands.") });
    openAt("/portal/jobs/01job", aShop());
    await userEvent.click(await screen.findByRole("button", { name: /Read again/ }));
    expect(await screen.findByText("A later feed came since, and what it says stands.")).toBeVisible();
  });

  it("cannot be read again after a day, since what they say of stock is not true any more", async () => {
    serve({ "GET /partner/jobs/01job": aJob({ received_at: new Date(Date.now() - 25 * 3_600_000).toISOString(), report_parts: 0 }) });
    openAt("/portal/jobs/01job", aShop());
    expect(await screen.findByRole("heading", { level: 1, name: "teas.csv" })).toBeVisible();
    expect(screen.queryByRole("button", { name: /Read again/ })).toBeNull();
  });
});
