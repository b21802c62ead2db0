/** Twilio on this machine: Basic authentication, the parameters of a message, errors in the vendor's shape. */
import {
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { Inbox } from '@menshen/plugin-kit/inbox';

const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;
const messagingServiceSid = `MG${'0123456789abcdef'.repeat(2)}`;
const authToken = 'emulated-auth-token';
/** Numbers and names the account may send from. */
const own = ['+12025550199', 'Menshen'];
const messages = `/2010-04-01/Accounts/${accountSid}/Messages.json`;

const texts: Readonly<Record<string, [status: number, message: string]>> = {
	20003: [401, 'Authenticate'],
	20404: [404, 'The requested resource was not found'],
	20429: [429, 'Too Many Requests'],
	20500: [500, 'Internal Server Error'],
	21211: [400, 'Invalid To phone number'],
	21408: [400, 'Permission to send an SMS has not been enabled for the region indicated by the To number'],
	21602: [400, 'Message body is required'],
	21603: [400, 'A From or MessagingServiceSid parameter is required'],
	21604: [400, 'A To phone number is required'],
	21606: [400, 'The From phone number is not a valid, SMS-capable phone number for your account'],
	21608: [400, 'The number is unverified. Trial accounts cannot send messages to unverified numbers'],
	21610: [400, 'Attempt to send to unsubscribed recipient'],
	21611: [400, 'This From number has exceeded the maximum number of queued messages'],
	21614: [400, 'To number is not a valid mobile number'],
	21617: [400, 'The concatenated message body exceeds the 1600 character limit'],
	21701: [400, 'The Messaging Service does not exist'],
	21703: [400, 'The Messaging Service contains no phone numbers'],
	63038: [429, 'Account exceeded the daily messages limit'],
};

function refusal(code: string): Response {
	const [status, message] = texts[code] ?? [400, 'Bad Request'];
	const more_info = `https://www.twilio.com/docs/errors/${code}`;
	return Response.json({ code: Number(code), message, more_info, status }, { status });
}

const isSignedIn = ({ headers }: EmulatedCall): boolean =>
	headers.get('authorization') === `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

/** The rules of a message, each with the number of the error when it is broken. */
const rules: readonly [(form: URLSearchParams) => boolean, string][] = [
	[(form) => !form.get('To'), '21604'],
	[(form) => !form.get('Body'), '21602'],
	[(form) => !form.get('From') && !form.get('MessagingServiceSid'), '21603'],
	[(form) => !/^\+[1-9]\d{6,14}$/.test(form.get('To') ?? ''), '21211'],
	[(form) => (form.get('Body') ?? '').length > 1600, '21617'],
	[(form) => form.has('From') && !own.includes(form.get('From') ?? ''), '21606'],
	[
		(form) => form.has('MessagingServiceSid') && form.get('MessagingServiceSid') !== messagingServiceSid,
		'21701',
	],
];

function receive(call: EmulatedCall, inbox: Inbox): Response {
	if (!isSignedIn(call)) return refusal('20003');
	const { form } = call;
	const broken = rules.find(([isBroken]) => isBroken(form));
	if (broken) return refusal(broken[1]);
	const [to, body, from] = ['To', 'Body', 'From'].map((name) => form.get(name) ?? '');
	const service = form.get('MessagingServiceSid');
	const facts = { from: from || (service ?? '') };
	const number = inbox.add({ channel: 'sms', to: to ?? '', text: body ?? '', facts });
	return Response.json(
		{
			sid: `SM${String(number).padStart(32, '0')}`,
			account_sid: accountSid,
			to,
			from: from || null,
			body,
			messaging_service_sid: service,
			status: service ? 'accepted' : 'queued',
			direction: 'outbound-api',
			error_code: null,
			error_message: null,
			num_segments: '1',
			uri: messages,
		},
		{ status: 201 },
	);
}

const failures: Readonly<Record<string, EmulatedFailure>> = Object.fromEntries(
	Object.entries(texts).map(([code, [, message]]) => [`${code} ${message}`, { answer: () => refusal(code) }]),
);

export async function startEmulator(port = 0): Promise<Emulator> {
	const inbox = new Inbox();
	const account = (call: EmulatedCall) =>
		isSignedIn(call)
			? Response.json({ sid: accountSid, friendly_name: 'Emulated', status: 'active', type: 'Full' })
			: refusal('20003');
	const parts = {
		routes: {
			...inbox.routes,
			[`POST ${messages}`]: (call: EmulatedCall) => receive(call, inbox),
			[`GET /2010-04-01/Accounts/${accountSid}.json`]: account,
			// Another account is not found without its credentials.
			'POST /2010-04-01/Accounts/*': () => refusal('20003'),
			'GET /2010-04-01/Accounts/*': () => refusal('20003'),
		},
		pages: inbox.pages,
		failures,
		endpoints: { api: '/' },
		config: { accountSid, authToken, sender: 'service', messagingServiceSid },
		forget: () => inbox.forget(),
	};
	return startVendor(parts, port);
}
