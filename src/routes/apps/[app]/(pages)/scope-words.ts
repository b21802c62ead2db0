/** What a scope means, in plain words, with the values that would be passed on where they are known. */
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';

export interface ScopeLine {
	title: string;
	detail?: string;
}

export interface SharedFacts {
	app: string;
	name: string;
	username: string | null;
	email: string | null;
	phone: string | null;
}

type Words = (facts: SharedFacts, options: { locale: Locale }) => ScopeLine;

const orNothing = (value: string | null, options: { locale: Locale }): string =>
	value || m.pages_nothing_yet({}, options);

const words: Readonly<Record<string, Words>> = {
	openid: (_facts, options) => ({
		title: m.pages_scope_openid({}, options),
		detail: m.pages_scope_openid_detail({}, options),
	}),
	profile: ({ name, username }, options) => ({
		title: m.pages_scope_profile({}, options),
		detail: [...new Set([name, username])].filter(Boolean).join(' · ') || m.pages_nothing_yet({}, options),
	}),
	email: ({ email }, options) => ({
		title: m.pages_scope_email({}, options),
		detail: orNothing(email, options),
	}),
	phone: ({ phone }, options) => ({
		title: m.pages_scope_phone({}, options),
		detail: orNothing(phone, options),
	}),
	role: ({ app }, options) => ({ title: m.pages_scope_role({ app }, options) }),
	offline_access: (_facts, options) => ({
		title: m.pages_scope_offline_access({}, options),
		detail: m.pages_scope_offline_access_detail({}, options),
	}),
	'menshen.me': (_facts, options) => ({
		title: m.pages_scope_menshen_me({}, options),
		detail: m.pages_scope_menshen_me_detail({}, options),
	}),
	'menshen.admin': ({ app }, options) => ({
		title: m.pages_scope_menshen_admin({ app }, options),
		detail: m.pages_scope_menshen_admin_detail({}, options),
	}),
};

/** One line a scope, in the order asked for; a scope without words of ours is shown by its name, never left out. */
export function scopeLines(scopes: readonly string[], facts: SharedFacts, locale: Locale): ScopeLine[] {
	return scopes.map((scope) => {
		const own = Object.hasOwn(words, scope) ? words[scope] : undefined;
		return own ? own(facts, { locale }) : { title: m.pages_scope_other({ scope }, { locale }) };
	});
}
