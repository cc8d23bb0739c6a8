using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Runs as responses.</summary>
internal sealed class ResponseFormat : RunFormat
{
    public static ResponseFormat Instance { get; } = new();

    public override Task WriteAsync(HttpContext context, RunRecord run) =>
        context.WriteAsync(StatusCodes.Status200OK, ResponseBody.From(run), ResponsesJson.Default.Response);

    public override IRunEventMapper CreateMapper(RunRecord run) => new ResponseStreamMapper(run);
}
