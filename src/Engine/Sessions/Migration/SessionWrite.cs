using System.Text.Json;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>
/// Writes one session into the target, which does not have it. Until the last save its record has a mark, so that a copy that was interrupted
/// is recognised.
/// </summary>
/// <param name="to">The target.</param>
/// <param name="record">The record to end with.</param>
/// <param name="runs">How many runs that have ended it gets.</param>
internal sealed class SessionWrite(MigrationSide to, SessionRecord record, int runs)
{
    private const string Mark = "pluginhost.migration";
    private const int StepsPerWrite = 200;

    // Each save raises the version by one, up to that of the record. The mark takes a separate save, so version 1 is saved twice.
    private readonly long _firstVersion = Math.Max(1, record.Version - Math.Max(runs, 2) + 1);
    private SessionRecord? _previous;

    /// <summary>Whether a record is that of an interrupted copy.</summary>
    public static bool IsUnfinished(SessionRecord record) => record.Extensions.ContainsKey(Mark);

    /// <summary>Makes a record that is recognised as an interrupted copy.</summary>
    public static SessionRecord ToUnfinished(SessionRecord record) =>
        record with { Extensions = new Dictionary<string, JsonElement>(record.Extensions, StringComparer.Ordinal) { [Mark] = JsonElement.Parse("true") } };

    /// <summary>Creates the session, or adds a run that is not its last.</summary>
    public ValueTask SaveAsync(RunRecord? run) =>
        SaveAsync(ToUnfinished(record) with { Version = _previous is null ? _firstVersion : _previous.Version + 1 }, run);

    /// <summary>Adds the last run, and removes the mark.</summary>
    public ValueTask CompleteAsync(RunRecord? run) => SaveAsync(record, run);

    public async ValueTask WriteOpenRunAsync(RunRecord run, IReadOnlyList<JournalStep> steps)
    {
        var write = new JournalWrite { Session = record.Key, RunId = run.Id, Run = run };
        for (var first = 0; first == 0 || first < steps.Count; first += StepsPerWrite)
        {
            await to.Store.WriteAsync(
                write with { FirstStep = first, Steps = [.. steps.Skip(first).Take(StepsPerWrite).Select(s => s.Document)] }, ObservedRun.From(run));
            write = write with { Run = null };
        }
    }

    private async ValueTask SaveAsync(SessionRecord next, RunRecord? run)
    {
        await to.Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = _previous?.Version ?? 0, Previous = _previous, Run = run });
        _previous = next;
    }
}
