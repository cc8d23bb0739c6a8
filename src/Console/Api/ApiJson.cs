using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PluginHost.WebConsole.Api;

/// <summary>Reads the API's answers. Members that this version does not know are left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = ApiDepth.Max)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(ApiList<ApiRun>))]
[JsonSerializable(typeof(ApiRun))]
[JsonSerializable(typeof(ApiList<ApiSession>))]
[JsonSerializable(typeof(ApiSession))]
[JsonSerializable(typeof(ApiList<ApiMessage>))]
[JsonSerializable(typeof(ApiDeletion))]
[JsonSerializable(typeof(ApiTrace))]
[JsonSerializable(typeof(ApiExplanation))]
[JsonSerializable(typeof(ApiHost))]
[JsonSerializable(typeof(ApiList<ApiHostLease>))]
[JsonSerializable(typeof(ApiList<ApiAgent>))]
[JsonSerializable(typeof(ApiList<ApiPlugin>))]
[JsonSerializable(typeof(ApiList<ApiGeneration>))]
[JsonSerializable(typeof(ApiReload))]
[JsonSerializable(typeof(ApiConfiguration))]
[JsonSerializable(typeof(ApiCheck))]
[JsonSerializable(typeof(ApiApproval))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ApiJson : JsonSerializerContext;
