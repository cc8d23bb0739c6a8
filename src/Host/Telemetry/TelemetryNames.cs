namespace PluginHost.Telemetry;

/// <summary>All names that the host emits. docs/telemetry.md lists the same names; a test compares the two.</summary>
internal static class TelemetryNames
{
    /// <summary>Names of activity sources and meters.</summary>
    public static class Scopes
    {
        public const string Host = "PluginHost";

        /// <summary>The source of model calls and tool calls, which Microsoft.Extensions.AI emits.</summary>
        public const string GenAI = "PluginHost.GenAI";

        /// <summary>The prefix before the plugin's name.</summary>
        public const string PluginPrefix = "PluginHost.Plugin.";
    }

    /// <summary>Names of spans. Those of the engine's operations follow from the operations.</summary>
    public static class SpanNames
    {
        public const string Run = Prefix + "run";
        public const string InvokeAgent = "invoke_agent";

        /// <summary>The prefix before the name of an operation. A space and the name of the plugin may follow.</summary>
        internal const string Prefix = "pluginhost.";
    }

    /// <summary>Names of attributes of spans, metrics and logs.</summary>
    public static class Attributes
    {
        public const string ConversationId = "gen_ai.conversation.id";
        public const string AgentName = "gen_ai.agent.name";
        public const string OperationName = "gen_ai.operation.name";
        public const string ProviderName = "gen_ai.provider.name";
        public const string RequestModel = "gen_ai.request.model";
        public const string SystemInstructions = "gen_ai.system_instructions";
        public const string InputMessages = "gen_ai.input.messages";
        public const string OutputMessages = "gen_ai.output.messages";
        public const string ErrorType = "error.type";
        public const string RunId = "pluginhost.run.id";
        public const string RunAttempt = "pluginhost.run.attempt";
        public const string RunOutcome = "pluginhost.run.outcome";
        public const string RunQueueTime = "pluginhost.run.queue_time";
        public const string RunAttached = "pluginhost.run.attached";
        public const string RunSkipped = "pluginhost.run.skipped";
        public const string SessionLoad = "pluginhost.session.load";
        public const string PluginName = "pluginhost.plugin.name";
        public const string PluginKind = "pluginhost.plugin.kind";
        public const string PluginIndex = "pluginhost.plugin.index";
        public const string PluginVersion = "pluginhost.plugin.version";
        public const string PluginSkipped = "pluginhost.plugin.skipped";
        public const string OwnTime = "pluginhost.middleware.own_time";
        public const string MessageCount = "pluginhost.message.count";
        public const string Operation = "pluginhost.operation";
        public const string Signal = "pluginhost.telemetry.signal";
        public const string ExceptionType = "exception.type";
        public const string ExceptionStackTrace = "exception.stacktrace";
    }

    /// <summary>Names of span events.</summary>
    public static class Events
    {
        public const string Exception = "exception";
    }

    /// <summary>Names of metrics.</summary>
    public static class MetricNames
    {
        public const string RunDuration = "pluginhost.run.duration";
        public const string RunActive = "pluginhost.run.active";
        public const string SessionActive = "pluginhost.session.active";
        public const string SessionOperationDuration = "pluginhost.session.operation.duration";
        public const string PluginCallDuration = "pluginhost.plugin.call.duration";
        public const string PluginLoadDuration = "pluginhost.plugin.load.duration";
        public const string PluginContexts = "pluginhost.plugin.contexts";
        public const string HistoryMessages = "pluginhost.history.messages";
        public const string ExportFailures = "pluginhost.telemetry.export.failures";
        public const string Dropped = "pluginhost.telemetry.dropped";
    }

    /// <summary>Units in UCUM notation.</summary>
    public static class Units
    {
        public const string Seconds = "s";
        public const string Runs = "{run}";
        public const string Sessions = "{session}";
        public const string Contexts = "{context}";
        public const string Messages = "{message}";
        public const string Batches = "{batch}";
        public const string Items = "{item}";
    }
}
