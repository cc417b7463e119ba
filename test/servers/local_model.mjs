// The self-hosted model server of the tests and the tour: a real small model (Gemma 3 270M, base, 4 bit)
// behind OpenAI chat completions, completions and embeddings, and Anthropic messages and their count. It
// continues text; it is not instruction-tuned and calls no tools.
//
//   local_model.mjs [--port 0] [--host 127.0.0.1] [--servers build/servers] [--api-key KEY] [--print]
//
// Says `listening PORT` on stdout once the weights are loaded. Requests are answered one at a time, in order.
import http from 'node:http';
import path from 'node:path';
import {randomBytes} from 'node:crypto';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {parseArgs} from 'node:util';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const MODEL = 'gemma-3-270m';
const CONTEXT_TOKENS = 4096;
// A base model rarely ends by itself; a caller that sets no bound must still get an answer.
const DEFAULT_TOKENS = 96;
const BODY_BYTES_MAX = 4 << 20;

const {values: args} = parseArgs({
    options: {
        port: {type: 'string', default: '0'},
        host: {type: 'string', default: '127.0.0.1'},
        servers: {type: 'string', default: path.join(HERE, '../../build/servers')},
        'api-key': {type: 'string'},
        print: {type: 'boolean', default: false},
    },
});

/** An error that the caller caused; becomes the dialect's error body. */
class BadRequest extends Error {
    constructor(message, {status = 400, type = 'invalid_request_error', code = null, param = null} = {}) {
        super(message);
        Object.assign(this, {status, type, code, param});
    }
}

// ---- the model --------------------------------------------------------------------------------------------

async function loadModel() {
    const modules = path.join(args.servers, 'node_modules/node-llama-cpp/dist/index.js');
    const {getLlama, LlamaCompletion, LlamaLogLevel} = await import(pathToFileURL(path.resolve(modules)));
    const llama = await getLlama({
        gpu: false,
        build: 'never',
        skipDownload: true,
        maxThreads: 1,
        progressLogs: false,
        logLevel: LlamaLogLevel.error,
    });
    const model = await llama.loadModel({modelPath: path.resolve(args.servers, 'model.gguf')});
    const context = await model.createContext({contextSize: CONTEXT_TOKENS, sequences: 1});
    const sequence = context.getSequence();
    const completion = new LlamaCompletion({contextSequence: sequence});
    // Not made before it is asked for: most runs embed nothing.
    let embedding;
    const vectorOf = async text => {
        embedding ??= await model.createEmbeddingContext({contextSize: CONTEXT_TOKENS});
        return (await embedding.getEmbeddingFor(text)).vector;
    };
    return {completion, sequence, vectorOf, countTokens: text => model.tokenize(text).length};
}

/** Runs jobs one after the other; a failed job does not stop the next. */
function oneAtATime() {
    let last = Promise.resolve();
    return job => (last = last.catch(() => {}).then(job));
}

/** `onText` gets the text as it comes; resolves to why and where the model stopped. */
async function generate(engine, ask, signal, onText) {
    let tokens = 0;
    // A prefix kept from the last request changes the rounding, and with it what a seed gives.
    await engine.sequence.clearHistory();
    const {metadata} = await engine.completion.generateCompletionWithMeta(ask.prompt, {
        maxTokens: ask.maxTokens,
        temperature: ask.temperature,
        topP: ask.topP,
        seed: ask.seed,
        signal,
        stopOnAbortSignal: true,
        trimWhitespaceSuffix: false,
        repeatPenalty: {penalty: 1.15},
        customStopTriggers: ['\n### ', ...ask.stop],
        onTextChunk: onText,
        onToken: t => {
            tokens += t.length;
        },
    });
    const trigger = metadata.stopReason === 'customStopTrigger' ? metadata.customStopTrigger.join('') : null;
    return {
        promptTokens: ask.promptTokens,
        tokens,
        cut: metadata.stopReason === 'maxTokens',
        stopSequence: ask.stop.includes(trigger) ? trigger : null,
    };
}

// ---- what both dialects share -----------------------------------------------------------------------------

function textOf(content, where) {
    if (content === null || content === undefined) return '';
    if (typeof content === 'string') return content;
    if (!Array.isArray(content)) throw new BadRequest(`${where}: a string or a list of parts is expected`);
    return content
        .map(part => {
            if (part?.type === 'text') return part.text;
            if (part?.type === 'tool_result') return textOf(part.content, where);
            if (part?.type === 'tool_use') return JSON.stringify(part.input);
            throw new BadRequest(`${where}: this model reads text only, not '${part?.type}'`);
        })
        .join('\n');
}

const HEADINGS = {
    system: 'Context',
    developer: 'Context',
    user: 'Instruction',
    tool: 'Input',
    assistant: 'Response',
};

/** Alpaca's form: the base model was never taught a chat template and ends at once with the usual ones. */
function promptOf(messages) {
    if (!Array.isArray(messages) || messages.length === 0)
        throw new BadRequest('messages: at least one is required', {param: 'messages'});
    const parts = messages.map((m, i) => {
        const heading = HEADINGS[m?.role];
        if (!heading)
            throw new BadRequest(`messages[${i}].role: '${m?.role}' is unknown`, {param: 'messages'});
        return `### ${heading}:\n${textOf(m.content, `messages[${i}].content`)}\n\n`;
    });
    return parts.join('') + '### Response:\n';
}

function number(body, name, low, high, fallback) {
    const value = body[name] ?? fallback;
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || value < low || value > high) {
        throw new BadRequest(`${name}: a number from ${low} to ${high} is expected`, {param: name});
    }
    return value;
}

/** The engine-neutral request. */
function asked(engine, body, prompt, maxTokens, stop) {
    const promptTokens = engine.countTokens(prompt);
    const room = CONTEXT_TOKENS - promptTokens - 8;
    if (room < 1) {
        throw new BadRequest(
            `This model's context is ${CONTEXT_TOKENS} tokens; the messages take ${promptTokens}.`,
            {code: 'context_length_exceeded', param: 'messages'},
        );
    }
    return {
        prompt,
        promptTokens,
        maxTokens: Math.min(maxTokens ?? DEFAULT_TOKENS, room),
        temperature: number(body, 'temperature', 0, 2, 0.7),
        topP: number(body, 'top_p', 0, 1),
        seed: number(body, 'seed', 0, 2 ** 32 - 1),
        stop: [stop ?? []].flat(),
    };
}

const newId = prefix => prefix + randomBytes(12).toString('hex');

// ---- OpenAI chat completions ------------------------------------------------------------------------------

const openai = {
    ask(engine, body) {
        if (typeof body.model !== 'string')
            throw new BadRequest('you must provide a model parameter', {param: 'model'});
        if ((body.n ?? 1) !== 1) throw new BadRequest('n: this server answers with one choice', {param: 'n'});
        const bound =
            number(body, 'max_completion_tokens', 1, 1 << 20) ?? number(body, 'max_tokens', 1, 1 << 20);
        return asked(engine, body, promptOf(body.messages), bound, body.stop);
    },
    error: e => ({
        error: {
            message: e.message,
            type: e.type ?? 'server_error',
            param: e.param ?? null,
            code: e.code ?? null,
        },
    }),
    usage: end => ({
        prompt_tokens: end.promptTokens,
        completion_tokens: end.tokens,
        total_tokens: end.promptTokens + end.tokens,
    }),
    finish: end => (end.cut ? 'length' : 'stop'),
    whole(body, text, end) {
        const message = {role: 'assistant', content: text, refusal: null};
        return {
            id: newId('chatcmpl-'),
            object: 'chat.completion',
            created: Math.floor(Date.now() / 1000),
            model: MODEL,
            choices: [{index: 0, message, logprobs: null, finish_reason: this.finish(end)}],
            usage: this.usage(end),
        };
    },
    stream(body, send) {
        const withUsage = body.stream_options?.include_usage === true;
        const head = {
            id: newId('chatcmpl-'),
            object: 'chat.completion.chunk',
            created: Math.floor(Date.now() / 1000),
            model: MODEL,
        };
        const chunk = (delta, finish_reason = null) =>
            send(null, {
                ...head,
                choices: [{index: 0, delta, logprobs: null, finish_reason}],
                ...(withUsage ? {usage: null} : {}),
            });
        return {
            start: () => chunk({role: 'assistant', content: ''}),
            text: content => chunk({content}),
            end: end => {
                chunk({}, this.finish(end));
                if (withUsage) send(null, {...head, choices: [], usage: this.usage(end)});
                send(null, '[DONE]');
            },
            fail: e => send(null, this.error(e)),
        };
    },
};

// ---- OpenAI completions: the text as it stands, no messages around it ----------------------------------------

const completions = {
    ...openai,
    ask(engine, body) {
        if (typeof body.prompt !== 'string')
            throw new BadRequest('prompt: this server continues one text', {param: 'prompt'});
        return asked(engine, body, body.prompt, number(body, 'max_tokens', 1, 1 << 20), body.stop);
    },
    head: () => ({
        id: newId('cmpl-'),
        object: 'text_completion',
        created: Math.floor(Date.now() / 1000),
        model: MODEL,
    }),
    whole(body, text, end) {
        const choice = {index: 0, text, logprobs: null, finish_reason: this.finish(end)};
        return {...this.head(), choices: [choice], usage: this.usage(end)};
    },
    stream(body, send) {
        const head = this.head();
        const chunk = (text, finish_reason = null) =>
            send(null, {...head, choices: [{index: 0, text, logprobs: null, finish_reason}]});
        return {
            start: () => {},
            text: chunk,
            end: end => {
                chunk('', this.finish(end));
                if (body.stream_options?.include_usage === true)
                    send(null, {...head, choices: [], usage: this.usage(end)});
                send(null, '[DONE]');
            },
            fail: e => send(null, this.error(e)),
        };
    },
};

// ---- Anthropic messages -----------------------------------------------------------------------------------

const anthropic = {
    ask(engine, body) {
        if (typeof body.model !== 'string') throw new BadRequest('model: Field required');
        if (body.max_tokens === undefined) throw new BadRequest('max_tokens: Field required');
        const system = body.system ? [{role: 'system', content: body.system}] : [];
        return asked(
            engine,
            body,
            promptOf(system.concat(body.messages ?? [])),
            number(body, 'max_tokens', 1, 1 << 20),
            body.stop_sequences,
        );
    },
    error: e => ({type: 'error', error: {type: e.type ?? 'api_error', message: e.message}}),
    reason: end => (end.cut ? 'max_tokens' : end.stopSequence ? 'stop_sequence' : 'end_turn'),
    message: (content, stop_reason, stop_sequence, usage) => ({
        id: newId('msg_'),
        type: 'message',
        role: 'assistant',
        model: MODEL,
        content,
        stop_reason,
        stop_sequence,
        usage,
    }),
    whole(body, text, end) {
        const usage = {input_tokens: end.promptTokens, output_tokens: end.tokens};
        return this.message([{type: 'text', text}], this.reason(end), end.stopSequence, usage);
    },
    stream(body, send) {
        const event = (type, fields) => send(type, {type, ...fields});
        return {
            start: ask => {
                const usage = {input_tokens: ask.promptTokens, output_tokens: 0};
                event('message_start', {message: this.message([], null, null, usage)});
                event('content_block_start', {index: 0, content_block: {type: 'text', text: ''}});
                event('ping', {});
            },
            text: text => event('content_block_delta', {index: 0, delta: {type: 'text_delta', text}}),
            end: end => {
                event('content_block_stop', {index: 0});
                event('message_delta', {
                    delta: {stop_reason: this.reason(end), stop_sequence: end.stopSequence},
                    usage: {output_tokens: end.tokens},
                });
                event('message_stop', {});
            },
            fail: e => event('error', {error: this.error(e).error}),
        };
    },
};

// ---- HTTP -------------------------------------------------------------------------------------------------

function readBody(req) {
    return new Promise((resolve, reject) => {
        const parts = [];
        let size = 0;
        req.on('data', part => {
            size += part.length;
            if (size <= BODY_BYTES_MAX) parts.push(part);
        });
        req.on('end', () => {
            if (size > BODY_BYTES_MAX) reject(new BadRequest('the body is too large', {status: 413}));
            else resolve(Buffer.concat(parts));
        });
        req.on('error', reject);
    });
}

function sendJson(res, status, value) {
    const body = Buffer.from(JSON.stringify(value));
    res.writeHead(status, {'content-type': 'application/json', 'content-length': body.length});
    res.end(body);
}

function sendEvent(res, name, value) {
    const data = typeof value === 'string' ? value : JSON.stringify(value);
    res.write((name ? `event: ${name}\n` : '') + `data: ${data}\n\n`);
}

async function answerStream(engine, dialect, body, ask, res, signal) {
    const stream = dialect.stream(body, (name, value) => sendEvent(res, name, value));
    res.writeHead(200, {'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache'});
    try {
        stream.start(ask);
        stream.end(await generate(engine, ask, signal, stream.text));
    } catch (e) {
        if (!signal.aborted) stream.fail(e);
    }
    res.end();
}

async function answerWhole(engine, dialect, body, ask, res, signal) {
    let text = '';
    const end = await generate(engine, ask, signal, t => {
        text += t;
    });
    if (!signal.aborted) sendJson(res, 200, dialect.whole(body, text, end));
}

function parseJson(bytes) {
    try {
        return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
    } catch {
        throw new BadRequest('the body is not valid JSON');
    }
}

/** The caller's going away stops the model: tokens that nobody reads cost the next caller time. */
function leaving(res) {
    const gone = new AbortController();
    res.on('close', () => {
        if (!res.writableFinished) gone.abort();
    });
    return gone.signal;
}

async function complete(server, dialect, req, res) {
    const bytes = await readBody(req);
    const signal = leaving(res);
    const body = parseJson(bytes);
    const ask = dialect.ask(server.engine, body);
    if (args.print) {
        const size = `${bytes.length} bytes, ${ask.promptTokens} tokens`;
        console.log(`self-hosted model received: ${req.method} ${req.url} ${size}`);
    }
    const answer = body.stream === true ? answerStream : answerWhole;
    await server.queue(() =>
        signal.aborted ? null : answer(server.engine, dialect, body, ask, res, signal),
    );
}

/** Vectors of texts; as floats or, since the SDK asks for it, as base64 of little-endian float32. */
async function embed(server, dialect, req, res) {
    const body = parseJson(await readBody(req));
    const texts = [body.input ?? []].flat();
    if (texts.length === 0 || !texts.every(text => typeof text === 'string'))
        throw new BadRequest('input: a text or a list of texts is expected', {param: 'input'});
    const data = [];
    for (const [index, text] of texts.entries()) {
        const vector = await server.queue(() => server.engine.vectorOf(text));
        const embedding =
            body.encoding_format === 'base64'
                ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
                : vector;
        data.push({object: 'embedding', index, embedding});
    }
    const tokens = texts.reduce((sum, text) => sum + server.engine.countTokens(text), 0);
    sendJson(res, 200, {
        object: 'list',
        data,
        model: MODEL,
        usage: {prompt_tokens: tokens, total_tokens: tokens},
    });
}

async function count(server, dialect, req, res) {
    const body = parseJson(await readBody(req));
    const ask = anthropic.ask(server.engine, {max_tokens: 1, ...body});
    sendJson(res, 200, {input_tokens: ask.promptTokens});
}

function listModels(server, dialect, req, res) {
    const data =
        dialect === anthropic
            ? [{type: 'model', id: MODEL, display_name: 'Gemma 3 270M', created_at: '2025-08-14T00:00:00Z'}]
            : [{id: MODEL, object: 'model', created: 1755129600, owned_by: 'self-hosted'}];
    sendJson(
        res,
        200,
        dialect === anthropic
            ? {data, has_more: false, first_id: MODEL, last_id: MODEL}
            : {object: 'list', data},
    );
}

const ROUTES = {
    'GET /health': (server, dialect, req, res) => sendJson(res, 200, {status: 'ok'}),
    'GET /v1/models': listModels,
    'POST /v1/chat/completions': complete,
    'POST /v1/completions': (server, dialect, req, res) => complete(server, completions, req, res),
    'POST /v1/embeddings': embed,
    'POST /v1/messages/count_tokens': count,
    'POST /v1/messages': complete,
};

function checkKey(req) {
    if (!args['api-key'] || req.url === '/health') return;
    const key = req.headers['x-api-key'] ?? (req.headers.authorization ?? '').replace(/^Bearer /, '');
    if (key !== args['api-key'])
        throw new BadRequest('invalid API key', {status: 401, type: 'authentication_error'});
}

async function serve(server, req, res) {
    const route = req.url.split('?')[0];
    const dialect = route.startsWith('/v1/messages') || req.headers['anthropic-version'] ? anthropic : openai;
    try {
        checkKey(req);
        const handler = ROUTES[`${req.method} ${route}`];
        if (!handler)
            throw new BadRequest(`no such route: ${req.method} ${route}`, {
                status: 404,
                type: 'not_found_error',
            });
        await handler(server, dialect, req, res);
    } catch (e) {
        if (!(e instanceof BadRequest)) console.error(e);
        if (res.headersSent || res.destroyed) res.destroy();
        else sendJson(res, e.status ?? 500, dialect.error(e));
    }
}

const server = {engine: await loadModel(), queue: oneAtATime()};
const listener = http.createServer((req, res) => serve(server, req, res));
// Longer than any client keeps a connection, so that closing it never races with a request.
listener.keepAliveTimeout = 120_000;
listener.listen(Number(args.port), args.host, () => console.log(`listening ${listener.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
