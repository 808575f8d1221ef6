import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem } from "../api/problem";
import type { FeedJob } from "../api/shapes";
import { usePartnerApi } from "../portal/portal-tools";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useSay } from "../ui/notices";

/** Has a feed read once more from its beginning. */
export function Requeue({ job }: { readonly job: FeedJob }) {
  const api = usePartnerApi();
  const client = useQueryClient();
  const say = useSay();
  const key = useRef<string | null>(null);
  const requeue = useMutation({
    mutationFn: () => {
      key.current ??= crypto.randomUUID();
      return api.requeueJob(job.id, key.current);
    },
    onSuccess: (after) => {
      key.current = null;
      client.setQueryData(["portal", "job", job.id], after);
      void client.invalidateQueries({ queryKey: ["portal", "jobs"] });
      say("The feed is read again.");
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem && error.undecided)) key.current = null;
    },
  });
  return (
    <>
      <button type="button" className="button button-quiet" disabled={requeue.isPending} onClick={() => requeue.mutate()} aria-label={`Read again: ${job.file_name ?? job.id}`}>
        {requeue.isPending ? "Asking" : "Read again"}
      </button>
      {requeue.isError ? <ErrorNotice error={requeue.error} /> : null}
    </>
  );
}
