using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Responses;

/// <summary>Reads requests to create a response.</summary>
internal static class ResponseRequestReader
{
    /// <param name="context">The request, or the connection that it came over.</param>
    /// <param name="json">The body.</param>
    /// <param name="errors">Collects, and has the errors so far.</param>
    /// <param name="adjust">Changes the body for a WebSocket; null to take it as it is.</param>
    /// <exception cref="ProblemException">400 with all errors.</exception>
    public static ResponseRequest Read(HttpContext context, JsonElement json, InputErrors errors, Func<ResponseRequestBody, ResponseRequestBody>? adjust = null)
    {
        var body = ApprovalAnswers.Remove(BodyBinder.Bind<ResponseRequestBody>(json, errors));
        var model = context.Service<RunEngine>().FindAgent(body.Model)?.Model;
        var (unknown, hosted) = (model?.UnknownParameters ?? UnknownParameters.Refuse, new HostedParts(model));
        RequestParameters.Check(body, unknown, errors);
        body.CheckHosted(hosted, errors);
        if (body.AsksForTokens is { } field) AnswerExtras.CheckLogProbabilities(context, body.Model, errors, field);
        errors.ThrowIfAny();
        return new ResponseRequest(adjust?.Invoke(body) ?? body, json, unknown, hosted);
    }
}
