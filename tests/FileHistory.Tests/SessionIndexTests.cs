using System.Runtime.CompilerServices;
using PluginHost.Files.Sessions;

namespace PluginHost.Files.Tests;

public sealed class SessionIndexTests
{
    [Fact]
    public void A_run_in_the_index_keeps_no_text_in_memory()
    {
        var index = new SessionIndex();
        var ids = AddRuns(index, 100);

        GC.Collect();

        // The strings of the first save, and at most one that the stack still holds.
        Assert.InRange(ids.Count(i => i.IsAlive), 1, 2);
        Assert.True(index.TryFindRun(new RunQuery { Tenant = "default", RunId = "r99" }, out var session));
        Assert.Equal(100, session.Version);
    }

    /// <summary>Saves runs of one session, each with another string for its id.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> AddRuns(SessionIndex index, int count)
    {
        var ids = new List<WeakReference>();
        for (var i = 0; i < count; i++)
        {
            var key = new SessionKey("default", new string('s', 36));
            index.Put(new SessionEntry(key, i + 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0));
            index.PutRun(key, new RunEntry($"r{i}", $"k{i}", DateTimeOffset.UnixEpoch, 1, RunStatus.Completed, i, 1, IsTrouble: false, i), hasKey: true);
            ids.Add(new WeakReference(key.Id));
        }

        return ids;
    }
}
