using System.Diagnostics;
using System.Globalization;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;

namespace PluginHost.OpenAI;

/// <summary>The headers of answers that OpenAI's clients and proxies read beside the body.</summary>
internal static class AnswerHeaders
{
    /// <summary>The header that clients show with an error, to find the request in the host's log.</summary>
    public const string RequestId = "x-request-id";

    /// <summary>The version of the interface that OpenAI names in every answer.</summary>
    private const string Version = "2020-10-01";

    /// <summary>Sets what every answer has, errors too; the time that it took is known when it begins.</summary>
    public static void Begin(HttpContext context)
    {
        context.Response.Headers[RequestId] = context.TraceId();
        context.Response.Headers["openai-version"] = Version;
        context.Response.OnStarting(
            static state =>
            {
                var (response, started) = ((HttpResponse, long))state;
                response.Headers["openai-processing-ms"] = ((long)Stopwatch.GetElapsedTime(started).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            },
            (context.Response, Stopwatch.GetTimestamp()));
    }

    /// <summary>Adds the agent, and the limits of the model's server as they are known when the answer begins.</summary>
    public static void AddModel(HttpContext context, RunHandle run)
    {
        context.Response.Headers["openai-model"] = run.Record.Agent;
        context.Response.OnStarting(
            static state =>
            {
                var (response, handle) = ((HttpResponse, RunHandle))state;
                Add(response, handle.ModelLimits);
                return Task.CompletedTask;
            },
            (context.Response, run));
    }

    public static void Add(HttpResponse response, ModelLimits? limits)
    {
        foreach (var (name, value) in limits?.Headers ?? []) response.Headers[name] = value;
    }
}
