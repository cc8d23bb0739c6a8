using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Runs as responses.</summary>
/// <param name="isNew">Whether the request creates the response: when its run fails before it says anything, the error is the answer.</param>
internal sealed class ResponseFormat(bool isNew) : RunFormat
{
    public static ResponseFormat Created { get; } = new(isNew: true);

    public static ResponseFormat Existing { get; } = new(isNew: false);

    public override bool DelaysHead => isNew;

    public override Task WriteAsync(HttpContext context, RunRecord run) =>
        context.WriteAsync(StatusCodes.Status200OK, ResponseBody.From(run), ResponsesJson.Default.Response);

    public override IRunEventMapper CreateMapper(RunRecord run) => new ResponseStreamMapper(run, isNew ? FailureOf : null);
}
