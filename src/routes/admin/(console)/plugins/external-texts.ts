/** The texts for operators' own plugins. */
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import type { ExternalView, Reach } from '$lib/server/flows/connectors/review-external';

const states = {
	found: m.console_external_found,
	approved: m.console_external_approved,
	changed: m.console_external_changed,
	broken: m.console_external_broken,
};
const kinds = {
	secret: m.console_external_kind_secret,
	code: m.console_external_kind_code,
	redirect: m.console_external_kind_redirect,
	ticket: m.console_external_kind_ticket,
	scan: m.console_external_kind_scan,
	ceremony: m.console_external_kind_ceremony,
	sender: m.console_external_kind_sender,
};
const healths = {
	unknown: m.console_external_unused,
	ok: m.console_external_well,
	failing: m.console_external_failing,
	open: m.console_external_failing,
};

export const stateText = (state: ExternalView['state'], locale: Locale): string =>
	states[state]({}, { locale });
export const kindText = (kind: ExternalView['kinds'][number], locale: Locale): string =>
	kinds[kind]({}, { locale });
export const healthText = ({ state }: ExternalView['health'], locale: Locale): string =>
	healths[state]({}, { locale });

export function reachText({ kind, text }: Reach, locale: Locale): string {
	if (kind === 'any') return m.console_external_reaches_any({}, { locale });
	return kind === 'host' ? text : m.console_external_reaches_setting({ label: text }, { locale });
}
