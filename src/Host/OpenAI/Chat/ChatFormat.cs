using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Chat;

/// <summary>The answer to one chat request.</summary>
internal sealed class ChatFormat(ChatRequest request) : RunFormat
{
    public override bool DelaysHead => true;

    public override Problem? FailureOf(RunRecord run) => run.Status == RunStatus.Cancelled
        ? new Problem(OpenAIProblemTypes.RunCancelled, $"The run '{run.Id}' was cancelled.")
        : base.FailureOf(run);

    public override Task WriteAsync(HttpContext context, RunRecord run) =>
        context.WriteAsync(StatusCodes.Status200OK, ChatAnswer.From(run), WireJson.Default.ChatCompletion);

    public override IRunEventMapper CreateMapper(RunRecord run) => new ChatStreamMapper(run, request, FailureOf);
}
