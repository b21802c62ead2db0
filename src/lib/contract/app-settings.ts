/** What an operator may set for one app. The apply file has the same names (docs/config.md). */
import { z } from 'zod';
import { templatesSchema } from './message-templates';

const hexColour = z.string().regex(/^#[0-9a-f]{6}$/i);
/** https, or http for a local machine; never a scheme that a browser would run. */
export const webUrl = z
	.string()
	.max(2048)
	.refine((value) => URL.canParse(value) && ['https:', 'http:'].includes(new URL(value).protocol));

export const themeSchema = z.object({
	/** Shown above the form instead of the app's name. */
	title: z.string().max(80).default(''),
	/** The brand colour; the page corrects its contrast (domain/theme). */
	accent: hexColour.default('#2f6f5e'),
	/** Corner radius of cards and buttons in px. */
	radius: z.number().int().min(0).max(24).default(12),
	/** light, dark, or by the person's system. */
	mode: z.enum(['system', 'light', 'dark']).default('system'),
	/** Id of an uploaded image, or empty. */
	logo: z
		.string()
		.regex(/^[a-f0-9]{64}$/)
		.or(z.literal(''))
		.default(''),
	/** Own rules added to the theme's stylesheet. */
	css: z.string().max(20_000).default(''),
	/** Links at the foot of each page. */
	termsUrl: webUrl.or(z.literal('')).default(''),
	privacyUrl: webUrl.or(z.literal('')).default(''),
});
export type Theme = z.output<typeof themeSchema>;

export const appSettingsSchema = z.object({
	name: z.string().trim().min(1).max(80),
	website: webUrl.or(z.literal('')).default(''),
	/** Listed on the landing page. */
	public: z.boolean().default(false),
	registration: z.enum(['open', 'closed']).default('open'),
	/** false: third-party sign-in only. */
	systemAccounts: z.boolean().default(true),
	requireVerified: z.array(z.enum(['phone', 'email'])).default([]),
	/** Which identifiers may sign in. */
	signInIdentifiers: z.array(z.enum(['username', 'email', 'phone'])).default(['username', 'email', 'phone']),
	/** A stranger from a third party: asked whether to join or to link an account they have, or let in at once. */
	externalSignUp: z.enum(['ask', 'auto']).default('ask'),
	/** The connector shown first, by the person's browser; empty: by the connectors' own order. */
	firstMethod: z
		.object({
			wechat: z.string().max(40).default(''),
			dingtalk: z.string().max(40).default(''),
			mobile: z.string().max(40).default(''),
			desktop: z.string().max(40).default(''),
		})
		.default({ wechat: '', dingtalk: '', mobile: '', desktop: '' }),
	defaultRole: z.string().max(64).default('user'),
	/** Points that a new account starts with. */
	signUpPoints: z.number().int().min(0).max(1_000_000).default(0),
	/** Life of an access token in days. */
	tokenDays: z.number().int().min(1).max(99).default(1),
	timeZone: z.string().max(64).default('Asia/Shanghai'),
	welcomeEmail: z.boolean().default(false),
	/** Shortest password accepted. NIST 800-63B-4 asks for 15 where it is the only factor. */
	passwordMinLength: z.number().int().min(8).max(64).default(8),
	/** A session ends after this many days without use, and after this many in all. */
	sessionIdleDays: z.number().int().min(1).max(90).default(14),
	sessionMaxDays: z.number().int().min(1).max(365).default(90),
	/** Which sender delivers each channel; empty: the appliance's own, else none. */
	senders: z
		.object({ email: z.string().max(64).default(''), sms: z.string().max(64).default('') })
		.default({ email: '', sms: '' }),
	/** Own texts for messages; providers with templates of their own use those instead. */
	templates: templatesSchema,
	theme: themeSchema.prefault({}),
});
export type AppSettings = z.output<typeof appSettingsSchema>;

/** App ids must fit into the scenes of mini-program codes: at most six digits. */
export const highestAppId = 999_999;
export const appIdSchema = z.number().int().min(1).max(highestAppId);
