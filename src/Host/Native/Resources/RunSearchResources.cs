using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>The query of a search for runs.</summary>
internal sealed record RunSearchParameters(
    [property: Range(1, 100), Description("How many runs at most.")] int Limit = 20,
    [property: Description("For admins: the runs of this tenant, or of all with *. Others see their own.")] string? Tenant = null,
    [property: Id, Description("Only runs of this session.")] string? Session = null,
    [property: Description("Only runs of this agent.")] string? Agent = null,
    [property: AllowedText("queued", "running", "completed", "failed", "cancelled", "requires_action"), Description("Only runs with this status.")] string? Status = null,
    [property: Description("Only runs that failed with this type, for example model_error.")] string? ErrorType = null,
    [property: Description("Only runs that this plugin, or `plugin/name`, failed in and was skipped.")] string? Skipped = null,
    [property: Description("Only runs that failed, or in which a plugin or a tool failed.")] bool Trouble = false,
    [property: Description("Only the runs of this trace, which is that of a request (x-request-id).")] string? TraceId = null,
    [property: Description("Only runs that were accepted at this time or later, for example 2026-11-28T09:00:00Z.")] string? Since = null,
    [property: Description("Only runs that were accepted before this time.")] string? Until = null,
    [property: Description("The next of the page before.")] string? After = null);

/// <summary>A page of a search for runs.</summary>
internal sealed record RunSearchResource(
    [property: Description("The newest first.")] IReadOnlyList<FoundRunResource> Data,
    [property: Description("Whether to search on, with after=next. A page may be empty and more follow: the cost of a page is bounded.")] bool HasMore)
{
    [Description("The cursor of the next page; absent when there is none.")]
    public string? Next { get; init; }

    [Description("Down to which time has been searched; absent when all has.")]
    public DateTime? SearchedUntil { get; init; }

    /// <param name="found">What was found.</param>
    /// <param name="tenant">Whose request it is: of runs of others, texts are left out.</param>
    public static RunSearchResource From(FoundRuns found, string tenant) =>
        new([.. found.Runs.Select(r => FoundRunResource.From(r, r.Run.Session.Tenant == tenant))], found.Next is not null)
        {
            Next = found.Next is null ? null : RunCursor.Write(found.Next),
            SearchedUntil = found.Next?.CreatedAt.UtcDateTime,
        };
}

/// <summary>A run as a search shows it: without its input and output.</summary>
internal sealed record FoundRunResource(
    string Id,
    [property: AllowedText("run.summary")] string Object,
    string Tenant,
    string SessionId,
    string Agent,
    [property: AllowedText("queued", "running", "completed", "failed", "cancelled", "requires_action")] string Status,
    DateTime CreatedAt,
    int Attempt,
    [property: Description("Whether it is, or will be, in the session store.")] bool Stored)
{
    public DateTime? CompletedAt { get; init; }

    [Description("Milliseconds from its acceptance to its end; absent while it is in progress.")]
    public double? DurationMs { get; init; }

    public UsageResource? Usage { get; init; }

    [Description("Plugins that failed and were skipped.")]
    public required IReadOnlyList<string> Skipped { get; init; }

    [Description("What failed without ending the run. Absent when nothing did.")]
    public IReadOnlyList<PluginFailureResource>? Failures { get; init; }

    [Description("The text is empty for runs of other tenants, and for those that are not stored.")]
    public RunErrorResource? Error { get; init; }

    [Description("Absent when the run was not traced.")]
    public string? TraceId { get; init; }

    public static FoundRunResource From(FoundRun found, bool showsTexts)
    {
        var (run, bare) = (found.Run, RunResource.Bare(found.Run));
        return new(run.Id, "run.summary", run.Session.Tenant, run.Session.Id, run.Agent, bare.Status, bare.CreatedAt, run.Attempt, found.IsStored)
        {
            CompletedAt = bare.CompletedAt,
            DurationMs = run.CompletedAt is { } end ? SpanResource.Milliseconds(end - run.CreatedAt) : null,
            Usage = bare.Usage,
            Skipped = run.Skipped,
            Failures = showsTexts ? bare.Failures : bare.Failures?.Select(f => f with { Message = "" }).ToList(),
            Error = showsTexts || bare.Error is null ? bare.Error : bare.Error with { Message = "" },
            TraceId = run.TraceId,
        };
    }
}

/// <summary>A place in a search, as a cursor of the API.</summary>
internal static class RunCursor
{
    public static string Write(RunPlace place) => $"{place.CreatedAt.UtcTicks:x}.{place.RunId}";

    /// <returns>Null when it is none.</returns>
    public static RunPlace? Read(string cursor)
    {
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && long.TryParse(cursor.AsSpan(0, dot), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var ticks) && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new RunPlace { CreatedAt = new DateTimeOffset(ticks, TimeSpan.Zero), RunId = cursor[(dot + 1)..] }
            : null;
    }
}
