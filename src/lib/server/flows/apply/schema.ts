/**
 * What an apply file may say. Everything is optional except ids: what is not named is left alone, so no
 * field has a default here. docs/config.md is generated from the descriptions.
 */
import { z } from 'zod';
import { appIdSchema, appSettingsSchema, themeSchema } from '../../../contract/app-settings';
import { clientSettingsSchema, isRedirectUri } from '../../../contract/client-settings';
import { newUserSchema } from '../users/manage-users';

const setting = appSettingsSchema.shape;
const theme = themeSchema.shape;
const client = clientSettingsSchema.shape;
const user = newUserSchema.shape;

const pluginId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not the id of a plugin');
const pluginConfig = z
	.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
	.optional()
	.describe('Settings of the plugin, as its form in the console names them');
const prune = z
	.boolean()
	.optional()
	.describe('Lists become exactly what the file says; otherwise they only grow');
const unavailable = (what: string) =>
	z
		.never({ error: `${what} is not available in this version` })
		.optional()
		.describe('Not available in this version');

const senderUse = z.strictObject({
	plugin: pluginId.describe('The sender that delivers'),
	config: pluginConfig,
});
const senders = z
	.strictObject({
		email: senderUse.optional().describe('Who delivers email'),
		sms: senderUse.optional().describe('Who delivers text messages'),
	})
	.optional();

const connectorUse = z.strictObject({
	enabled: z.boolean().optional().describe('Whether people may sign in with it'),
	config: pluginConfig,
});

const themeFields = z.strictObject({
	title: theme.title.removeDefault().optional().describe('Shown above the form instead of the app’s name'),
	accent: theme.accent.removeDefault().optional().describe('Brand colour, `#rrggbb`'),
	radius: theme.radius.removeDefault().optional().describe('Corner radius in px'),
	mode: theme.mode.removeDefault().optional().describe('`system`, `light` or `dark`'),
	css: theme.css.removeDefault().optional().describe('Own rules added to the theme’s stylesheet'),
	termsUrl: theme.termsUrl.removeDefault().optional().describe('Terms, linked at the foot of each page'),
	privacyUrl: theme.privacyUrl
		.removeDefault()
		.optional()
		.describe('Privacy statement, linked at the foot of each page'),
});

const uris = z.array(z.string().trim().min(1).max(2048)).max(50);

/** Whether a client is confidential follows from its having a secret. */
const clientFields = z
	.strictObject({
		id: client.id.describe('`client_id`'),
		prune,
		name: client.name.optional().describe('Shown on the consent page; its id, where nothing is said'),
		secret: z
			.string()
			.min(8)
			.max(512)
			.optional()
			.describe('`client_secret`; absent on a new client: a public client'),
		website: client.website.removeDefault().optional().describe('Address of the client’s own site'),
		redirectUris: uris.optional().describe('Where answers may go, each compared as a whole'),
		postLogoutRedirectUris: uris.optional().describe('Where people may go after signing out'),
		backchannelLogoutUri: client.backchannelLogoutUri
			.removeDefault()
			.optional()
			.describe('Told when a session ends'),
		applicationType: client.applicationType
			.removeDefault()
			.optional()
			.describe('`web`, or `native`: loopback redirect with any port'),
		firstParty: client.firstParty.removeDefault().optional().describe('No consent page'),
		pkceRequired: client.pkceRequired
			.removeDefault()
			.optional()
			.describe('`false` only for a confidential client that cannot do PKCE'),
		idTokenAlg: client.idTokenAlg.removeDefault().optional().describe('`RS256` or `ES256`'),
	})
	.superRefine((given, context) => {
		for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const)
			for (const [index, uri] of (given[field] ?? []).entries())
				// A client that exists already may be native without the file repeating it.
				if (!isRedirectUri(uri, given.applicationType ?? 'native'))
					context.addIssue({
						code: 'custom',
						path: [field, index],
						message: 'must be a complete https address without a fragment',
					});
	});

const roleFields = z.strictObject({
	id: z
		.string()
		.regex(/^[\w.-]{1,64}$/, 'is not a name for a role')
		.describe('Name of the role in tokens'),
	prune,
	name: z.string().max(80).optional().describe('Shown in the console'),
	permissions: z.array(z.string().min(1).max(128)).max(200).optional().describe('What its holders may do'),
});

const userFields = z
	.strictObject({
		username: user.username.describe('Unique in the app'),
		prune,
		email: user.email.describe('Unique in the app once proven'),
		phone: user.phone.describe('E.164, or eleven digits of a Chinese number'),
		name: user.name.describe('Display name'),
		emailVerified: z.boolean().optional().describe('You vouch for the email. `false` takes nothing away'),
		phoneVerified: z.boolean().optional().describe('You vouch for the phone. `false` takes nothing away'),
		password: user.password.describe('Set at creation only'),
		roles: user.roles.describe('Ids of roles; the first is the primary one'),
	})
	.refine((given) => given.username ?? given.email ?? given.phone, 'needs a username, an email or a phone');

const appFields = z.strictObject({
	id: appIdSchema.describe('Number of the app, 1 to 999999; made where it does not exist'),
	prune,
	name: setting.name.optional().describe('Name of the app; needed for a new one'),
	website: setting.website.removeDefault().optional().describe('Address of the app’s own site'),
	public: setting.public.removeDefault().optional().describe('Listed on the landing page'),
	registration: setting.registration.removeDefault().optional().describe('`open` or `closed`'),
	systemAccounts: setting.systemAccounts
		.removeDefault()
		.optional()
		.describe('`false`: third-party sign-in only'),
	requireVerified: setting.requireVerified
		.removeDefault()
		.optional()
		.describe('What must be proven on every sign-up: `email`, `phone`'),
	signInIdentifiers: setting.signInIdentifiers
		.removeDefault()
		.optional()
		.describe('Which identifiers sign in: `username`, `email`, `phone`'),
	externalSignUp: setting.externalSignUp
		.removeDefault()
		.optional()
		.describe('Strangers from a third party: `ask` (join or link an account) or `auto` (join at once)'),
	firstMethod: setting.firstMethod
		.removeDefault()
		.optional()
		.describe('Connector shown first, by browser: `wechat`, `dingtalk`, `mobile`, `desktop`'),
	signUpPoints: setting.signUpPoints.removeDefault().optional().describe('Points of a new account'),
	defaultRole: setting.defaultRole.removeDefault().optional().describe('Role of new users'),
	tokenDays: setting.tokenDays.removeDefault().optional().describe('Life of an access token in days'),
	timeZone: setting.timeZone.removeDefault().optional().describe('For wire formats whose dates carry none'),
	welcomeEmail: setting.welcomeEmail
		.removeDefault()
		.optional()
		.describe('`true`: a mail greets new users, at a proven address'),
	templates: setting.templates
		.removeDefault()
		.optional()
		.describe('Own words for messages: channel (`email`, `sms`) → purpose → language → `subject`, `text`'),
	passwordMinLength: setting.passwordMinLength
		.removeDefault()
		.optional()
		.describe('Shortest password accepted'),
	sessionIdleDays: setting.sessionIdleDays
		.removeDefault()
		.optional()
		.describe('A session ends after so many days without use'),
	sessionMaxDays: setting.sessionMaxDays
		.removeDefault()
		.optional()
		.describe('A session ends after so many days in all'),
	theme: themeFields.optional(),
	connectors: z.record(pluginId, connectorUse).optional().describe('By id of the plugin'),
	senders,
	clients: z.array(clientFields).max(1000).optional(),
	compat: unavailable('compat'),
	roles: z.array(roleFields).max(200).optional(),
	users: z.array(userFields).max(10_000).optional(),
});

export const applySchema = z.strictObject({
	prune,
	appliance: z
		.strictObject({
			senders,
			alertEmail: z
				.email()
				.or(z.literal(''))
				.optional()
				.describe('Where the appliance reports its own troubles; goes before ALERT_EMAIL'),
			plugins: z
				.record(pluginId, z.strictObject({ config: pluginConfig }))
				.optional()
				.describe('Settings given once for the appliance and inherited by its apps'),
		})
		.optional(),
	apps: z.array(appFields).max(1000).optional(),
});

export type ApplyFile = z.output<typeof applySchema>;
export type WantedApp = z.output<typeof appFields>;
export type WantedClient = z.output<typeof clientFields>;
export type WantedRole = z.output<typeof roleFields>;
export type WantedUser = z.output<typeof userFields>;
export type WantedSenders = z.output<typeof senders>;
export type PluginValues = Readonly<Record<string, string | number | boolean>>;
