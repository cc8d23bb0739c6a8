namespace PluginHost.Telemetry;

/// <summary>All names that the host emits. docs/telemetry.md lists the same names; a test compares the two.</summary>
internal static class TelemetryNames
{
    /// <summary>Names of activity sources and meters.</summary>
    public static class Scopes
    {
        public const string Host = "PluginHost";

        /// <summary>The source and the meter of model calls.</summary>
        public const string GenAI = "PluginHost.GenAI";

        /// <summary>The prefix before the plugin's name.</summary>
        public const string PluginPrefix = "PluginHost.Plugin.";
    }

    /// <summary>Names of spans. Those of the engine's operations follow from the operations.</summary>
    public static class SpanNames
    {
        /// <summary>By what a run's span is known in this process; its name begins with the agent.</summary>
        internal const string OpenRun = Prefix + "run";
        public const string InvokeAgent = "invoke_agent";
        public const string Chat = "chat";
        public const string Embeddings = "embeddings";
        public const string TextCompletion = "text_completion";
        public const string Moderation = "moderation";

        /// <summary>The name of an agent's span while it is open.</summary>
        internal const string OpenAgent = "agent";

        public const string ExecuteTool = "execute_tool";

        /// <summary>The prefix before the name of an operation that has neither plugin nor agent.</summary>
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
        public const string RequestStream = "gen_ai.request.stream";
        public const string RequestTemperature = "gen_ai.request.temperature";
        public const string RequestTopP = "gen_ai.request.top_p";
        public const string RequestTopK = "gen_ai.request.top_k";
        public const string RequestMaxTokens = "gen_ai.request.max_tokens";
        public const string RequestSeed = "gen_ai.request.seed";
        public const string RequestFrequencyPenalty = "gen_ai.request.frequency_penalty";
        public const string RequestPresencePenalty = "gen_ai.request.presence_penalty";
        public const string RequestStopSequences = "gen_ai.request.stop_sequences";
        public const string OutputType = "gen_ai.output.type";
        public const string ResponseId = "gen_ai.response.id";
        public const string ResponseModel = "gen_ai.response.model";
        public const string FinishReasons = "gen_ai.response.finish_reasons";
        public const string TimeToFirstChunk = "gen_ai.response.time_to_first_chunk";
        public const string InputTokens = "gen_ai.usage.input_tokens";
        public const string OutputTokens = "gen_ai.usage.output_tokens";
        public const string CacheReadTokens = "gen_ai.usage.cache_read.input_tokens";
        public const string CacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens";
        public const string ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
        public const string TokenType = "gen_ai.token.type";
        public const string ToolDefinitions = "gen_ai.tool.definitions";
        public const string ToolName = "gen_ai.tool.name";
        public const string ToolType = "gen_ai.tool.type";
        public const string ToolDescription = "gen_ai.tool.description";
        public const string ToolCallId = "gen_ai.tool.call.id";
        public const string ToolArguments = "gen_ai.tool.call.arguments";
        public const string ToolResult = "gen_ai.tool.call.result";
        public const string UserId = "user.id";
        public const string ServerAddress = "server.address";
        public const string ServerPort = "server.port";
        public const string SystemInstructions = "gen_ai.system_instructions";
        public const string InputMessages = "gen_ai.input.messages";
        public const string OutputMessages = "gen_ai.output.messages";
        public const string ErrorType = "error.type";
        public const string RunId = "pluginhost.run.id";
        public const string RunAttempt = "pluginhost.run.attempt";
        public const string RunResumed = "pluginhost.run.resumed";
        public const string RunRecovery = "pluginhost.run.recovery";
        public const string RunOutcome = "pluginhost.run.outcome";
        public const string RunQueueTime = "pluginhost.run.queue_time";
        public const string RunAttached = "pluginhost.run.attached";
        public const string RunRefusal = "pluginhost.run.refusal";
        public const string Cause = "pluginhost.cause";
        public const string RollbackCause = "pluginhost.rollback.cause";
        public const string RunSkipped = "pluginhost.run.skipped";
        public const string ContextLoaded = "pluginhost.context.messages.loaded";
        public const string ContextLeftOut = "pluginhost.context.messages.left_out";
        public const string ContextShortened = "pluginhost.context.results.shortened";
        public const string ContextTokens = "pluginhost.context.tokens";
        public const string ContextMaxTokens = "pluginhost.context.tokens.max";
        public const string SessionLoad = "pluginhost.session.load";
        public const string PluginName = "pluginhost.plugin.name";
        public const string PluginFolder = "pluginhost.plugin.folder";
        public const string PluginKind = "pluginhost.plugin.kind";
        public const string PluginIndex = "pluginhost.plugin.index";
        public const string PluginVersion = "pluginhost.plugin.version";
        public const string PluginSkipped = "pluginhost.plugin.skipped";
        public const string StepReused = "pluginhost.step.reused";
        public const string StepUnknown = "pluginhost.step.unknown";
        public const string Covered = "pluginhost.append.covered";
        public const string OwnTime = "pluginhost.middleware.own_time";
        public const string MessageCount = "pluginhost.message.count";
        public const string ContextTools = "pluginhost.context.tools";
        public const string ContextInstructions = "pluginhost.context.instructions.length";
        public const string ApprovalDecision = "pluginhost.approval.decision";
        public const string Operation = "pluginhost.operation";
        public const string Signal = "pluginhost.telemetry.signal";
        public const string Exporter = "pluginhost.telemetry.exporter";
        public const string ExceptionType = "exception.type";
        /// <summary>Of spans of .NET's HTTP client and server, always empty.</summary>
        internal const string ExceptionMessage = "exception.message";

        public const string ExceptionStackTrace = "exception.stacktrace";
    }

    /// <summary>Values of <see cref="Attributes.Cause"/>.</summary>
    public static class Causes
    {
        public const string Cancelled = "cancelled";
        public const string Refused = "refused";
    }

    /// <summary>Values of <see cref="Attributes.RollbackCause"/>.</summary>
    public static class RollbackCauses
    {
        public const string Errors = "errors";
        public const string Request = "request";
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
        public const string QueueDuration = "pluginhost.run.queue.duration";
        public const string RunRefused = "pluginhost.run.refused";
        public const string RunActive = "pluginhost.run.active";
        public const string RunRecovered = "pluginhost.run.recovered";
        public const string RunParked = "pluginhost.run.parked";
        public const string ApprovalDecided = "pluginhost.approval.decided";
        public const string SessionActive = "pluginhost.session.active";
        public const string SessionOperationDuration = "pluginhost.session.operation.duration";
        public const string PluginCallDuration = "pluginhost.plugin.call.duration";
        public const string PluginLoadDuration = "pluginhost.plugin.load.duration";
        public const string PluginContexts = "pluginhost.plugin.contexts";
        public const string PluginContextSize = "pluginhost.plugin.context.size";
        public const string Rollbacks = "pluginhost.generation.rollbacks";
        public const string HistoryMessages = "pluginhost.history.messages";
        public const string ExportFailures = "pluginhost.telemetry.export.failures";
        public const string Dropped = "pluginhost.telemetry.dropped";
        public const string Sent = "pluginhost.telemetry.sent";
        public const string Rejected = "pluginhost.telemetry.rejected";
        public const string QueueSize = "pluginhost.telemetry.queue.size";
        public const string LastSuccess = "pluginhost.telemetry.last_success";
        public const string QueueCapacity = "pluginhost.telemetry.queue.capacity";
        public const string ModelDuration = "gen_ai.client.operation.duration";
        public const string TokenUsage = "gen_ai.client.token.usage";
        public const string ToolDuration = "gen_ai.execute_tool.duration";
        public const string TimeToFirstChunk = "gen_ai.client.operation.time_to_first_chunk";
        public const string TimePerChunk = "gen_ai.client.operation.time_per_output_chunk";
    }

    /// <summary>Units in UCUM notation.</summary>
    public static class Units
    {
        public const string Seconds = "s";
        public const string Runs = "{run}";
        public const string Requests = "{request}";
        public const string Sessions = "{session}";
        public const string Approvals = "{approval}";
        public const string Contexts = "{context}";
        public const string Rollbacks = "{rollback}";
        public const string Bytes = "By";
        public const string Messages = "{message}";
        public const string Batches = "{batch}";
        public const string Items = "{item}";
        public const string Tokens = "{token}";
    }
}
