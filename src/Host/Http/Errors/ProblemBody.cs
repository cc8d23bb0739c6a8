using System.ComponentModel;
using System.Text.Json.Serialization;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Http.Errors;

/// <summary>A problem document (RFC 9457).</summary>
internal sealed record ProblemBody(
    [property: Description("A stable slug under /problems/.")] string Type,
    string Title,
    int Status,
    [property: Description("The cause and the cure, for a person.")] string Detail)
{
    public const string ContentType = "application/problem+json";

    [Description("All that is wrong with the request.")]
    public IReadOnlyList<ProblemErrorBody>? Errors { get; init; }

    [Description("The run, when one failed.")]
    public string? RunId { get; init; }

    [Description("The session of that run.")]
    public string? SessionId { get; init; }

    [Description("The type of the run's error, for example model_error.")]
    public string? ErrorType { get; init; }

    [Description("Identifies the request in traces and in the host's log.")]
    public string? TraceId { get; init; }

    public static ProblemBody From(ProblemException problem) => Create(problem.Status, problem.Type, problem.Message) with
    {
        Errors = problem.Errors.Count == 0 ? null : [.. problem.Errors.Select(e => new ProblemErrorBody(e.Path, e.Message, e.Allowed) { Code = e.Code })],
    };

    public static ProblemBody FromFailedRun(RunRecord run)
    {
        var error = run.Error ?? new RunError("internal_error", "The run failed.");
        var problem = error.Type == ErrorTypes.Storage
            ? Create(503, "storage-unavailable", error.Message)
            : Create(FailedRun.StatusOf(error.Type), "run-failed", error.Message);
        return problem with
        {
            RunId = run.Id,
            SessionId = run.Session.Id,
            ErrorType = error.Type,
            TraceId = run.TraceId,
        };
    }

    public static ProblemBody Create(int status, string slug, string detail) =>
        new($"/problems/{slug}", $"{char.ToUpperInvariant(slug[0])}{slug[1..].Replace('-', ' ')}", status, detail);
}

/// <summary>One thing that is wrong with a request.</summary>
internal sealed record ProblemErrorBody(
    [property: Description("Where, for example input[0].role.")] string Path,
    string Message,
    [property: Description("What is allowed.")] string? Allowed)
{
    [JsonIgnore]
    public string? Code { get; init; }
}
