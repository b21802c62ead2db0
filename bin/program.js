/** What the command line understands. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { callAppliance, CommandFailed } from './appliance.js';
import { choosePassword, isConfirmed, printJson, printLine, readStdin } from './terminal.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** @param {string} text */
function appId(text) {
	if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('An app has a number, 1 to 999999.');
	return Number(text);
}

/** @param {string} text */
function json(text) {
	try {
		return JSON.parse(text);
	} catch {
		throw new InvalidArgumentError('This is not JSON.');
	}
}

/** @param {string} file */
async function readFile(file) {
	if (file === '-') return readStdin();
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new CommandFailed(`${file} cannot be read: ${reason}`);
	}
}

/** Prints a result for people, or as JSON. @param {Command} command @param {unknown} result @param {() => void} forPeople */
function answer(command, result, forPeople) {
	if (command.optsWithGlobals().json) printJson(result);
	else forPeople();
}

/** @param {{ dryRun: boolean, changes: number, items: { object: string, deed: string, fields: string[] }[] }} report */
function printReport({ dryRun, changes, items }) {
	for (const { object, deed, fields } of items.filter((item) => dryRun || item.deed !== 'unchanged'))
		printLine(`${deed.padEnd(9)} ${object}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`);
	const counted = changes === 1 ? '1 change' : `${changes} changes`;
	printLine(changes === 0 ? 'Nothing to change.' : dryRun ? `${counted} to make.` : `${counted} made.`);
}

/** @param {Command} program */
function addApply(program) {
	program
		.command('apply')
		.description('bring apps, clients, plugins and users to what a YAML file says')
		.argument('<file>', 'the file, or - for stdin')
		.option('--dry-run', 'tell what would be done and do nothing')
		.action(async (file, options, command) => {
			const input = { text: await readFile(file), dryRun: Boolean(options.dryRun) };
			const report = await callAppliance({ procedure: 'admin.config.apply', input });
			answer(command, report, () => printReport(report));
		});
}

/** @param {Command} program */
function addCall(program) {
	program
		.command('call')
		.description('call any procedure of the API as the owner')
		.argument('<procedure>', 'its name, e.g. admin.users.list')
		.argument('[input]', 'its input as JSON', json)
		.option('--app <id>', 'the app it is for', appId)
		.action(async (procedure, input, { app }) => {
			const call = { procedure, input, app };
			const result = await callAppliance(call).catch((error) => {
				const unknown =
					error instanceof CommandFailed && Reflect.get(error.about, 'code') === 'edge/not-found';
				throw unknown
					? new CommandFailed(`There is no procedure ${procedure}.`, { code: 'edge/not-found' })
					: error;
			});
			printJson(result);
		});
}

/** @param {Command} program */
function addApps(program) {
	const apps = program.command('app').description('apps: list, create, delete');
	apps
		.command('list')
		.description('list all apps')
		.action(async (_options, command) => {
			const list = await callAppliance({ procedure: 'admin.apps.list' });
			answer(command, list, () =>
				list.forEach((/** @type {any} */ app) => printLine(`${String(app.id).padStart(6)}  ${app.name}`)),
			);
		});
	apps
		.command('create')
		.description('make an app')
		.argument('[name]', 'its name')
		.option('--name <name>', 'its name')
		.option('--id <id>', 'its number; counted up unless given', appId)
		.action(async (given, { id, name = given }, command) => {
			if (!name) command.error("error: missing required argument 'name'", { exitCode: 2 });
			const app = await callAppliance({
				procedure: 'admin.apps.create',
				input: { name, ...(id ? { id } : {}) },
			});
			answer(command, app, () => printLine(`App ${app.id} "${app.name}" made.`));
		});
	apps
		.command('delete')
		.description('delete an app with all its users')
		.argument('<id>', 'its number', appId)
		.option('--yes', 'do not ask')
		.action(async (id, { yes }, command) => {
			if (!yes && !(await isConfirmed(String(id)))) throw new CommandFailed('Nothing was deleted.');
			await callAppliance({ procedure: 'admin.apps.delete', input: { id }, app: id });
			answer(command, { id }, () => printLine(`App ${id} deleted.`));
		});
}

/** @param {Command} program */
function addOperators(program) {
	const operators = program.command('operator').description('operators: add, reset-password');
	operators
		.command('add')
		.description('add somebody who may use the console')
		.argument('<email>', 'their address')
		.option('--owner', 'may also manage operators')
		.option('--name <name>', 'how they are called')
		.option('--password-stdin', 'read the password from stdin')
		.action(async (email, options, command) => {
			const { password, made } = await choosePassword(options);
			const input = {
				email,
				password,
				role: options.owner ? 'owner' : 'operator',
				...(options.name ? { name: options.name } : {}),
			};
			const operator = await callAppliance({ procedure: 'admin.operators.add', input });
			answer(command, { ...operator, ...(made ? { password } : {}) }, () => {
				printLine(`${operator.role === 'owner' ? 'Owner' : 'Operator'} ${operator.email} added.`);
				if (made) printLine(`Password (shown once): ${password}`);
			});
		});
	operators
		.command('reset-password')
		.description('set a new password for an operator and end their sessions')
		.argument('<email>', 'their address')
		.option('--password-stdin', 'read the password from stdin')
		.action(async (email, options, command) => {
			const { password, made } = await choosePassword(options);
			await callAppliance({
				procedure: 'admin.operators.resetPassword',
				input: { email, newPassword: password },
			});
			answer(command, { email, ...(made ? { password } : {}) }, () => {
				printLine(`New password set for ${email}.`);
				if (made) printLine(`Password (shown once): ${password}`);
			});
		});
}

function makeProgram() {
	const program = new Command('menshen');
	program
		.description('Menshen, a self-hostable identity appliance')
		.version(version)
		.option('--json', 'answer in JSON');
	program.exitOverride().configureHelp({ showGlobalOptions: true });
	program
		.command('start')
		.description('run the appliance')
		.action(async () => {
			const server = '../server.js';
			await import(server);
		});
	addApply(program);
	addCall(program);
	addApps(program);
	addOperators(program);
	return program;
}

/** @param {string} code @param {Record<string, string>} fields @returns which code, and which fields are at fault */
function nameFault(code, fields) {
	const names = Object.entries(fields).map(([field, fault]) =>
		fault === code ? field : `${field}: ${fault}`,
	);
	return [code, ...names].join(', ');
}

/** One line for people, one JSON object for machines. @param {unknown} error @param {boolean} asJson */
function report(error, asJson) {
	const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
	const { code, params = {}, fields = {} } = error instanceof CommandFailed ? error.about : {};
	const about = code ? ` [${nameFault(code, fields)}]` : '';
	const forMachines = JSON.stringify({ error: { code: code ?? 'failed', message: line, params, fields } });
	process.stderr.write(asJson ? `${forMachines}\n` : `menshen: ${line}${about}\n`);
}

/** @param {string[]} argv @returns {Promise<number | undefined>} the exit code; undefined while the server runs */
export async function runProgram(argv) {
	const program = makeProgram();
	try {
		await program.parseAsync(argv);
		return process.exitCode === undefined ? undefined : Number(process.exitCode);
	} catch (error) {
		// Commander has said what is wrong; help that was asked for is no fault.
		if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
		report(error, Boolean(program.opts().json));
		return 1;
	}
}
