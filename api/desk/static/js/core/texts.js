/** Words, numbers, times and sums of money in the language of the page. */

import words from "../words.js";

const LANGUAGES = ["ja", "en"];
const STORED = "meguri.language";
const listeners = new Set();

let language = initial();
document.documentElement.lang = language;

function initial() {
  const kept = read(STORED);
  if (LANGUAGES.includes(kept)) return kept;
  return LANGUAGES.includes(document.documentElement.lang) ? document.documentElement.lang : "en";
}

/** Read from the browser's storage; it may be closed to pages. */
function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export const current = () => language;

/** Change the language, as the user chose, here and whenever this browser comes back. */
export function setLanguage(next) {
  language = next;
  try {
    localStorage.setItem(STORED, next);
  } catch { /* It is as the browser has it next time. */ }
  document.documentElement.lang = next;
  for (const listener of [...listeners]) listener();
}

/** Call a function whenever the language changes; returns how to end that. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Return an entry of the catalogue, `section.key`, with its placeholders filled. */
export function t(key, values = {}) {
  const entry = words[key];
  if (!entry) throw new Error(`the catalogue has no ${key}`);
  return entry[LANGUAGES.indexOf(language)].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Whether the catalogue has an entry. */
export const has = (key) => key in words;

/** Return a `{ja, en}` in the language of the page, or in the other where there is only that. */
export const pick = (name) => (name ? (name[language] ?? name[LANGUAGES.find((other) => name[other])] ?? "") : "");

/** Return the first sentence of a text, which is for everybody, and the rest, for whoever wants to know. */
export function firstSentence(text) {
  const [, first, rest] = /^(.*?(?:。|\.(?=\s)|$))(.*)$/s.exec(text);
  return [first.trim(), rest.trim()];
}

const locale = () => (language === "ja" ? "ja-JP" : "en-GB");
const formats = new Map();

/** Return a format, made once: making one takes longer than using it a hundred times. */
function format(Kind, options) {
  const key = `${Kind.name} ${locale()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Kind(locale(), options));
  return formats.get(key);
}

export const number = (value, digits = 0) =>
  format(Intl.NumberFormat, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
export const percent = (share, digits = 0) => format(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }).format(share);

/** Return yen; what is not known is said to be unknown. */
export const yen = (amount) =>
  amount === null || amount === undefined ? t("common.unknown") : t("common.yen", { amount: number(Math.round(amount)) });

/** Return a length of time, from seconds. */
export function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("common.minutes", { minutes });
  const values = { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
  return t(values.minutes ? "common.hours_minutes" : "common.hours", values);
}

export const distance = (metres) =>
  metres < 995
    ? t("common.metres", { metres: number(Math.round(metres / 10) * 10) })
    : t("common.kilometres", { kilometres: number(metres / 1000, metres < 9950 ? 1 : 0) });

/** Return the clock of a local time, `2026-12-05T09:30:00+09:00`: as it stands there, wherever the reader is. */
export const clock = (time) => time.slice(11, 16);

/** Return a calendar day, `2026-12-05`, for people. */
export function date(day, style = "long") {
  const [year, month, number_] = day.slice(0, 10).split("-").map(Number);
  const options = {
    long: { year: "numeric", month: "long", day: "numeric", weekday: "short" },
    short: { month: "short", day: "numeric", weekday: "short" },
    bare: { month: "numeric", day: "numeric" },
  }[style];
  return format(Intl.DateTimeFormat, { ...options, timeZone: "UTC" }).format(Date.UTC(year, month - 1, number_));
}

/** Return the calendar day so many days after another. */
export function plusDays(day, days) {
  const [year, month, number_] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, number_ + days)).toISOString().slice(0, 10);
}

/** Return today in a time zone. */
export const today = (zone) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date());
