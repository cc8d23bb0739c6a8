using System.ComponentModel;
using PluginHost.Engine.Errors;

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

    [Description("Why a plugin refused the run, for example budget_exceeded.")]
    public string? Code { get; init; }

    [Description("Identifies the request in traces and in the host's log.")]
    public string? TraceId { get; init; }

    /// <param name="problem">The problem.</param>
    /// <param name="status">The status of a problem that has none in <see cref="ProblemStatuses"/>.</param>
    public static ProblemBody From(Problem problem, int? status = null)
    {
        var slug = problem.Type.Slug;
        var title = $"{char.ToUpperInvariant(slug[0])}{slug[1..].Replace('-', ' ')}";
        return new ProblemBody($"/problems/{slug}", title, status ?? ProblemStatuses.Find(problem) ?? 500, problem.Detail)
        {
            Errors = problem.Errors.Count == 0 ? null : [.. problem.Errors.Select(e => new ProblemErrorBody(e.Path, e.Message, e.Allowed))],
            RunId = problem.Run?.Id,
            SessionId = problem.Run?.Session.Id,
            ErrorType = problem.ErrorType,
            Code = problem.Type == ProblemTypes.RunRefused ? problem.Failure?.Code : null,
            TraceId = problem.Run?.TraceId,
        };
    }
}

/// <summary>One thing that is wrong with a request.</summary>
internal sealed record ProblemErrorBody(
    [property: Description("Where, for example input[0].role.")] string Path,
    string Message,
    [property: Description("What is allowed.")] string? Allowed);
