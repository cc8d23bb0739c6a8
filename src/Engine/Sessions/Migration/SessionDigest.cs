using System.Buffers.Binary;
using System.Security.Cryptography;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>What a session holds: counts, and one hash over the documents of its record, runs, steps and messages. Immutable.</summary>
/// <param name="Version">The version of its record.</param>
/// <param name="Record">The hash of its record alone.</param>
/// <param name="Runs">Runs that have ended.</param>
/// <param name="OpenRuns">Runs in the journal.</param>
/// <param name="Messages">Messages in all histories.</param>
/// <param name="Sha256">The hash, in hexadecimal digits.</param>
internal sealed record SessionDigest(long Version, string Record, int Runs, int OpenRuns, long Messages, string Sha256)
{
    /// <summary>Reads a session completely.</summary>
    /// <param name="side">Where it is.</param>
    /// <param name="record">Its record.</param>
    /// <param name="histories">The histories, in the same order on both sides.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async ValueTask<SessionDigest> ReadAsync(
        MigrationSide side, SessionRecord record, IEnumerable<PluginInstance> histories, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (runs, openRuns, messages) = (0, 0, 0L);
        var recordHash = HashOf(record);
        Add(hash, 's', Convert.FromHexString(recordHash));
        await foreach (var run in side.ReadRunsAsync(record.Key, cancellationToken))
        {
            Add(hash, 'r', run.ToDocument());
            if (!IsOpen(run))
            {
                runs++;
                continue;
            }

            openRuns++;
            foreach (var step in await side.Store.ReadStepsAsync(record.Key, run.Id, cancellationToken)) Add(hash, 'j', step.Document);
        }

        foreach (var history in histories)
        {
            Add(hash, 'h', default);
            await foreach (var message in side.ReadMessagesAsync(history, record.Key, cancellationToken))
            {
                Add(hash, 'm', message.ToDocument());
                messages++;
            }
        }

        return new(record.Version, recordHash, runs, openRuns, messages, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The hash of a record. Stores keep no order of metadata, state and extensions.</summary>
    public static string HashOf(SessionRecord record)
    {
        var sorted = record with { Metadata = Sort(record.Metadata), State = Sort(record.State), Extensions = Sort(record.Extensions) };
        return Convert.ToHexStringLower(SHA256.HashData(sorted.ToDocument().Span));
    }

    /// <summary>Whether a run is in the journal: one that was saved has ended.</summary>
    public static bool IsOpen(RunRecord run) => run.Status is RunStatus.Queued or RunStatus.Running or RunStatus.RequiresAction;

    public override string ToString() => $"version {Version}, {Runs} runs, {OpenRuns} open runs, {Messages} messages, SHA-256 {Sha256[..12]}";

    private static OrderedDictionary<string, T> Sort<T>(IReadOnlyDictionary<string, T> values) => new(values.OrderBy(v => v.Key, StringComparer.Ordinal));

    // With kind and length, so that no other sequence of documents has the same bytes.
    private static void Add(IncrementalHash hash, char kind, ReadOnlyMemory<byte> document)
    {
        Span<byte> head = stackalloc byte[1 + sizeof(int)];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], document.Length);
        hash.AppendData(head);
        hash.AppendData(document.Span);
    }
}
