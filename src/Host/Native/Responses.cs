using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PluginHost.Http;
using PluginHost.Http.Errors;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native;

/// <summary>How responses are written.</summary>
internal static class Responses
{
    public static async Task WriteAsync<T>(
        this HttpContext context, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        await using (var json = new Utf8JsonWriter(response.BodyWriter, ApiJson.Writing)) JsonSerializer.Serialize(json, value, type);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public static Task WriteProblemAsync(this HttpContext context, ProblemBody problem) =>
        context.WriteAsync(problem.Status, problem, ApiJson.Default.ProblemBody, ProblemBody.ContentType);

    /// <summary>A session with its version as entity tag.</summary>
    public static Task WriteSessionAsync(this HttpContext context, int status, SessionRecord session)
    {
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{session.Version}\"");
        if (status == StatusCodes.Status201Created) context.Response.Headers.Location = $"/v1/sessions/{session.Key.Id}";
        return context.WriteAsync(status, SessionResource.From(session), ApiJson.Default.SessionResource);
    }

    public static Task WriteRunAsync(this HttpContext context, int status, RunRecord run)
    {
        if (status == StatusCodes.Status202Accepted)
            context.Response.Headers.Location = $"/v1/sessions/{run.Session.Id}/runs/{run.Id}";
        return context.WriteAsync(status, RunResource.From(run), ApiJson.Default.RunResource);
    }

    /// <summary>What finds the request in traces and in the host's log.</summary>
    public static string TraceId(this HttpContext context) =>
        context.RequestServices.GetService<IRequestTrace>()?.TraceId ?? context.TraceIdentifier;
}
