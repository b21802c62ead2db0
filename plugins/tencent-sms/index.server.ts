/** SMS through Tencent Cloud: SendSms of sms 2021-01-11. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type Delivery,
	type OutgoingMessage,
	type PluginContext,
} from '@menshen/plugin-kit';
import { handOver, receiptOf, templateFor, undelivered } from '@menshen/plugin-kit/delivery';
import { fateOfCode, testFailureOf } from './failures';
import manifest from './manifest.json';
import { sentSchema, templatesSchema } from './replies';
import { tc3Request } from './tc3';

const id = z.string().regex(/^\d{1,20}$/);
const anyId = id.or(z.literal('')).optional();
const configSchema = z.object({
	secretId: z.string(),
	secretKey: z.string(),
	sdkAppId: id,
	signName: z.string().optional(),
	templateCode: id,
	templateSignIn: anyId,
	templateRegister: anyId,
	templateRecover: anyId,
	templateVerify: anyId,
	variables: z.enum(['code', 'code-minutes']),
	region: z.string(),
});
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

function requestFor(action: string, body: unknown, { address, now, config }: Context) {
	const { secretId, secretKey, region } = config;
	const call = { action, version: '2021-01-11', region, body, address: address('api'), now: now() };
	return tc3Request({ ...call, key: { secretId, secretKey } });
}

function bodyOf(message: OutgoingMessage, config: Config) {
	if (!/^\+[1-9]\d{6,14}$/.test(message.to)) throw undelivered('never', 'not one phone number');
	const { template, code } = templateFor(message, config);
	const minutes = config.variables === 'code-minutes' ? [message.params['minutes'] ?? '5'] : [];
	return {
		PhoneNumberSet: [message.to],
		SmsSdkAppId: config.sdkAppId,
		TemplateId: template,
		TemplateParamSet: [code, ...minutes],
		SessionContext: message.id,
		...(config.signName ? { SignName: config.signName } : {}),
	};
}

async function deliver(message: OutgoingMessage, context: Context): Promise<Delivery> {
	const request = requestFor('SendSms', bodyOf(message, context.config), context);
	const reply = await handOver(context, 'api', request);
	const { Response: answer } = receiptOf(reply, sentSchema);
	if ('Error' in answer)
		throw undelivered(fateOfCode(answer.Error.Code, reply.status), answer.Error.Code, { reply });
	const status = answer.SendStatusSet.find(({ PhoneNumber }) => PhoneNumber === message.to);
	if (!status) throw undelivered('unknown', 'no status for the number');
	if (status.Code !== 'Ok') throw undelivered(fateOfCode(status.Code), status.Code);
	return { status: 'delivered', ...(status.SerialNo ? { reference: status.SerialNo } : {}) };
}

async function selfTest(context: Context): Promise<void> {
	const { templateCode, templateSignIn, templateRegister, templateRecover, templateVerify } = context.config;
	const codes = [templateCode, templateSignIn, templateRegister, templateRecover, templateVerify];
	const wanted = [...new Set(codes.filter((each) => each !== undefined && each !== ''))].map(Number);
	const body = { International: 0, TemplateIdSet: wanted };
	const reply = await context.http('api', requestFor('DescribeSmsTemplateList', body, context));
	const { Response: answer } = jsonOf(reply, templatesSchema);
	if ('Error' in answer) throw testFailureOf(answer.Error.Code);
	for (const each of wanted) {
		const found = answer.DescribeTemplateStatusSet.find(({ TemplateId }) => TemplateId === each);
		if (found?.StatusCode !== 0)
			throw new PluginFailure(
				'config',
				`template ${each} is not approved: status ${found?.StatusCode ?? 'none'}`,
			);
	}
}

export default definePlugin<Config>({ manifest, config: configSchema, selfTest, sender: { deliver } });
