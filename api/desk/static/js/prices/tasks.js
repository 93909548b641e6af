/** Work that the server does for the desk: started, followed, stopped, its answer shown as it gets better. */

import { follow, run, stop } from "../core/api.js";
import { has, percent, t } from "../core/texts.js";
import { fault, progress } from "../core/ui.js";

/** A piece of work: its job as last seen, the best answer so far, and how it failed. */
export const newTask = () => ({ job: null, result: null, isRunning: false, isStopping: false, fault: null, watch: null });

/** What a part of the page shows of work: it is drawn anew when any of this changes. */
export const seenOf = ({ isRunning, isStopping, job, result, fault: error }) => [isRunning, isStopping, job, result, error];

/** Start work and follow it; `changed` is called whenever there is something new to show. */
export function begin(task, { path, body }, changed) {
  // Nobody waits for the answer of an earlier one any more; if it has just ended, that is as well.
  if (task.isRunning && task.job) stop(task.job).catch(() => {});
  return watching(task, changed, (options) => run({ path, body, ...options }));
}

/** Follow work that was started before. */
export const resume = (task, job, changed) => watching(task, changed, (options) => follow(job, options));

async function watching(task, changed, start) {
  task.watch?.abort();
  const watch = new AbortController();
  Object.assign(task, { job: null, result: null, fault: null, isRunning: true, isStopping: false, watch });
  changed();
  const onUpdate = (job) => {
    if (task.watch !== watch) return;
    task.job = job;
    // The same answer comes along with every word of progress; what was drawn from it may stay.
    if (job.result && JSON.stringify(job.result) !== JSON.stringify(task.result)) task.result = job.result;
    changed();
  };
  try {
    onUpdate(await start({ signal: watch.signal, onUpdate }));
  } catch (error) {
    if (watch.signal.aborted || task.watch !== watch) return;
    task.fault = error;
  } finally {
    if (task.watch === watch) {
      task.isRunning = false;
      changed();
    }
  }
}

/** Ask the server to stop; what was found by then is kept. */
async function stopTask(task, changed) {
  if (!task.job || task.isStopping) return;
  task.isStopping = true;
  changed();
  try {
    await stop(task.job);
  } catch (error) {
    task.isStopping = false;
    task.fault = error;
    changed();
  }
}

/** Say how far work is, or how it failed; null where there is nothing to say. */
export function taskState(task, changed, { onRetry } = {}) {
  if (task.isRunning) return progress(
    stageWords(task),
    { share: task.job?.progress.share ?? null, onStop: task.job && !task.isStopping ? () => stopTask(task, changed) : null },
  );
  return task.fault ? fault(task.fault, { onRetry }) : null;
}

/** Return what is being done, and how much of it is. */
function stageWords(task) {
  if (task.isStopping) return t("prices.stopping");
  const stage = (task.job?.progress.stage ?? "").replaceAll("-", "_");
  const words = has(`prices.stage_${stage}`) ? t(`prices.stage_${stage}`) : t(task.job?.state === "running" ? "prices.stage_working" : "prices.stage_queued");
  const share = task.job?.progress.share;
  return share ? `${words} ${percent(share)}` : words;
}
