using PluginHost.Http;
using PluginHost.Http.Binding;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Runs as responses.</summary>
/// <param name="created">
/// What the response gives back of the request that creates it: when its run fails before it says anything, the error is the answer.
/// Null for a response that exists.
/// </param>
/// <param name="behind">The approval behind which the answer begins; null for all of the response.</param>
internal sealed class ResponseFormat(ResponseDetails? created, string? behind = null) : RunFormat
{
    public static ResponseFormat Existing { get; } = new(created: null);

    public override bool DelaysHead => created is not null;

    public override Task WriteAsync(HttpContext context, RunRecord run) =>
        context.WriteAsync(StatusCodes.Status200OK, ResponseBody.From(run, IsOfAnother(context) ? null : created, behind), ResponsesJson.Default.Response);

    public override IRunEventMapper CreateMapper(RunRecord run) => new ResponseStreamMapper(run, created is null ? null : FailureOf, behind);

    /// <summary>Whether another request began the run: then its details are in the record.</summary>
    private static bool IsOfAnother(HttpContext context) =>
        context.Response.Headers.ContainsKey(RunAnswer.Steered) || context.Response.Headers.ContainsKey(IdempotencyHeader.Replayed);
}
