/** The engine's pages in an app's name and look, in the person's language. */
import { errors, type ErrorOut, type KoaContextWithOIDC } from 'oidc-provider';
import { pickLocale, type Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import { lookOf } from '../../domain/look';
import type { EngineApp } from '../engine-app';
import type { EnginePages } from './engine-pages';
import type { PageContent } from './page-content';
import { renderPage } from './render-page';

type Content = PageContent['content'];

/** The cookie in which the edge stores a person's choice of language. */
const localeCookie = 'menshen-locale';

function localeOf(ctx: KoaContextWithOIDC): Locale {
	const asked = ctx.query['ui_locales'];
	return pickLocale({
		ui_locales: typeof asked === 'string' ? asked : undefined,
		choice: ctx.cookies.get(localeCookie, { signed: false }),
		acceptLanguage: ctx.get('accept-language'),
	});
}

/** The cases that a person meets, each with what to do next; everything else is for developers. */
function textsOf(error: Error, locale: Locale): Pick<Content, 'title' | 'text'> {
	const options = { locale };
	if (error instanceof errors.InvalidRedirectUri)
		return {
			title: m.pages_engine_redirect_title({}, options),
			text: m.pages_engine_redirect_text({}, options),
		};
	if (error instanceof errors.SessionNotFound)
		return {
			title: m.pages_engine_expired_title({}, options),
			text: m.pages_engine_expired_text({}, options),
		};
	return { title: m.pages_engine_error_title({}, options), text: m.pages_engine_error_text({}, options) };
}

async function show(
	app: EngineApp,
	ctx: KoaContextWithOIDC,
	content: (locale: Locale, name: string) => Content,
): Promise<void> {
	const locale = localeOf(ctx);
	const look = lookOf(app.id, await app.settings());
	ctx.type = 'html';
	ctx.body = renderPage(
		{
			app: look,
			theme: look.theme,
			locale,
			url: new URL(ctx.href),
			content: content(locale, look.name),
		},
		look.mode,
	);
}

export function createPages(app: EngineApp): EnginePages {
	return {
		error: (ctx: KoaContextWithOIDC, out: ErrorOut, error: Error) =>
			show(app, ctx, (locale) => ({
				kind: 'error',
				...textsOf(error, locale),
				reference: [out.error, out.error_description].filter(Boolean).join(': '),
			})),
		logout: (ctx, form) =>
			show(app, ctx, (locale, name) => ({
				kind: 'waiting',
				title: m.pages_engine_logout_title({ name }, { locale }),
				form: {
					id: 'op.logoutForm',
					html: form,
					yes: m.pages_engine_logout_yes({}, { locale }),
					no: m.pages_engine_logout_no({}, { locale }),
				},
			})),
		loggedOut: (ctx) =>
			show(app, ctx, (locale) => ({
				kind: 'success',
				title: m.pages_engine_logged_out_title({}, { locale }),
				text: m.pages_engine_logged_out_text({}, { locale }),
			})),
	};
}
