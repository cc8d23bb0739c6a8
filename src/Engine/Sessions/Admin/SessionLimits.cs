using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>What a tenant's sessions may come to: how many there are, and how much state one has.</summary>
internal static class SessionLimits
{
    /// <summary>Takes a place for one more session; to be given back to <see cref="ChainSet.Rooms"/> when it is stored, or will not be.</summary>
    /// <exception cref="ProblemException">429.</exception>
    public static async ValueTask EnterRoomAsync(ChainSet set, string tenant, CancellationToken cancellationToken)
    {
        if (await set.Rooms.TryEnterAsync(set.Store, tenant, set.Settings.MaxSessions, cancellationToken)) return;
        throw new ProblemException(
            ProblemTypes.TooManySessions, $"The tenant has {set.Settings.MaxSessions} sessions, which is the limit (Sessions:MaxSessions). Delete some first.");
    }

    /// <exception cref="ProblemException">400.</exception>
    public static void CheckSizes(IReadOnlyList<ChatMessage> messages, SessionsConfiguration settings)
    {
        var errors = new List<ProblemError>();
        for (var i = 0; i < messages.Count; i++)
        {
            if (MessageSize.Of(messages[i]) is var size && size > settings.MaxMessageBytes)
                errors.Add(RunCommandCheck.TooLarge($"messages[{i}].content", size, settings));
        }

        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <summary>
    /// The state to save after a run. When it has become too large, the scopes that grew stay as they were, the one that grew most
    /// first, until the rest fits: what the model said is worth more than what a plugin wanted to remember.
    /// </summary>
    /// <param name="saved">As it was before the run.</param>
    /// <param name="state">As the plugins have left it.</param>
    /// <param name="limit">In bytes of JSON.</param>
    /// <param name="refused">Told the scopes that were not taken.</param>
    public static IReadOnlyDictionary<string, JsonElement> Fit(
        IReadOnlyDictionary<string, JsonElement> saved, IReadOnlyDictionary<string, JsonElement> state, int limit, Action<string> refused)
    {
        if (ReferenceEquals(saved, state)) return state;
        var size = StateJson.SizeOf(state);
        if (size <= limit) return state;
        var fitting = new Dictionary<string, JsonElement>(state, StringComparer.Ordinal);
        var grown = state.Select(s => (Scope: s.Key, Growth: StateJson.SizeOf(s.Key, s.Value) - (saved.TryGetValue(s.Key, out var old) ? StateJson.SizeOf(s.Key, old) : 0)));
        foreach (var (scope, growth) in grown.Where(g => g.Growth > 0).OrderByDescending(g => g.Growth))
        {
            if (size <= limit) break;
            if (saved.TryGetValue(scope, out var old)) fitting[scope] = old;
            else fitting.Remove(scope);
            size -= growth;
            refused(scope);
        }

        return fitting;
    }
}
