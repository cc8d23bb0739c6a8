using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native;

/// <summary>How the native API writes JSON. Requests are read by <see cref="BodyBinder"/>, never by the serializer.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    // The spans of a run may nest as deep as a run has spans.
    MaxDepth = 1000,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(SessionResource))]
[JsonSerializable(typeof(ListResource<SessionResource>))]
[JsonSerializable(typeof(DeletedSessionResource))]
[JsonSerializable(typeof(UserResource))]
[JsonSerializable(typeof(DeletedUserResource))]
[JsonSerializable(typeof(ListResource<MessageResource>))]
[JsonSerializable(typeof(RunResource))]
[JsonSerializable(typeof(ListResource<RunResource>))]
[JsonSerializable(typeof(TraceResource))]
[JsonSerializable(typeof(ExplanationResource))]
[JsonSerializable(typeof(ExplainedAnswerResource))]
[JsonSerializable(typeof(ReplayResource))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(RunSearchResource))]
[JsonSerializable(typeof(MessageDelta))]
[JsonSerializable(typeof(ToolStarted))]
[JsonSerializable(typeof(ToolCompleted))]
[JsonSerializable(typeof(ApprovalResource))]
[JsonSerializable(typeof(ListResource<ApprovalResource>))]
[JsonSerializable(typeof(AgentResource))]
[JsonSerializable(typeof(ListResource<AgentResource>))]
[JsonSerializable(typeof(ListResource<PluginResource>))]
[JsonSerializable(typeof(ListResource<HostLeaseResource>))]
[JsonSerializable(typeof(ReloadResource))]
[JsonSerializable(typeof(ListResource<GenerationResource>))]
[JsonSerializable(typeof(HealthResource))]
[JsonSerializable(typeof(HostResource))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(ConfigurationResource))]
[JsonSerializable(typeof(CheckResource))]
[JsonSerializable(typeof(CheckBody))]
[JsonSerializable(typeof(RunStartedEvent))]
[JsonSerializable(typeof(RunEndedEvent))]
[JsonSerializable(typeof(ApprovalRequestedEvent))]
[JsonSerializable(typeof(ReloadEvent))]
[JsonSerializable(typeof(ReloadRefusedEvent))]
[JsonSerializable(typeof(ReadinessEvent))]
[JsonSerializable(typeof(StoppingEvent))]
[JsonSerializable(typeof(GapEvent))]
[JsonSerializable(typeof(BackupResource))]
[JsonSerializable(typeof(TelemetryResource))]
[JsonSerializable(typeof(CreateSessionBody))]
[JsonSerializable(typeof(PatchSessionBody))]
[JsonSerializable(typeof(ForkBody))]
[JsonSerializable(typeof(ReloadBody))]
[JsonSerializable(typeof(RunBody))]
[JsonSerializable(typeof(RunInputBody))]
[JsonSerializable(typeof(MessageResource))]
[JsonSerializable(typeof(DecisionBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
