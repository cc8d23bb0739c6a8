namespace PluginHost.Architecture.Tables;

/// <summary>src/Host: OpenAI and Native lie side by side on Http; Telemetry and ModelClients are known where the host is put together.</summary>
internal static class HostFolders
{
    public static FolderTable Table { get; } = new("Host",
    [
        new("", "Program.cs: the commands."),
        new("Cli", "The commands of the terminal: serve, check, plugins, chat, trace, health, keys."),
        new("Hosting", "Puts a serving host together, and ends it in order."),
        new("Native", "The native API: its routes, and how it writes runs and their events.") { Sees = ["Http"] },
        new("Native/Endpoints", "One class for each resource's endpoints.") { IsPart = true },
        new("Native/Resources", "The bodies of requests and answers.") { IsPart = true },
        new("OpenAI", "OpenAI's interface on the same sessions and runs.") { Sees = ["Http"] },
        new("OpenAI/Chat", "Chat completions.") { IsPart = true },
        new("OpenAI/Responses", "Responses: a response is a run.") { IsPart = true },
        new("OpenAI/Conversations", "Conversations: a conversation is a session.") { IsPart = true },
        new("OpenAI/Models", "The list of models: an agent is a model.") { IsPart = true },
        new("OpenAI/Items", "Items of conversations and responses, to and from messages.") { IsPart = true },
        new("OpenAI/Tools", "The tools and tool choices of requests.") { IsPart = true },
        new("OpenAI/Wire", "The bodies and chunks as they are sent.") { IsPart = true },
        new("OpenAI/Errors", "Refusals in OpenAI's shape.") { IsPart = true },
        new("Telemetry", "Makes spans, metrics and logs of what the engine reports.") { Sees = [] },
        new("Telemetry/Spans", "Spans and their attributes.") { IsPart = true },
        new("Telemetry/Metrics", "Instruments.") { IsPart = true },
        new("Telemetry/Logs", "Log lines, as text and as JSON.") { IsPart = true },
        new("Telemetry/Export", "Exports telemetry, and counts what is lost of it.") { IsPart = true },
        new("Telemetry/RunTraces", "Keeps the traces of the last runs.") { IsPart = true },
        new("Telemetry/Prometheus", "The endpoint that Prometheus scrapes.") { IsPart = true },
        new("ModelClients", "The chat clients that ship with the host, and how their failures are named.") { Sees = [] },
        new("ModelClients/Echo", "The model that repeats what it is sent.") { IsPart = true },
        new("ModelClients/OpenAI", "Any server that speaks OpenAI's interface.") { IsPart = true },
        new("Http", "What both interfaces share; it knows no resource of either.") { Sees = [] },
        new("Http/Access", "Keys, tokens and tenants of requests.") { IsPart = true },
        new("Http/Binding", "Binds bodies and queries to records, strictly: their attributes are the limits.") { IsPart = true },
        new("Http/Errors", "Refusals as problem details.") { IsPart = true },
        new("Http/Streaming", "Server-sent events.") { IsPart = true },
        new("Http/Listening", "Addresses and sockets.") { IsPart = true },
        new("Http/Description", "The OpenAPI document.") { IsPart = true },
    ]);
}
