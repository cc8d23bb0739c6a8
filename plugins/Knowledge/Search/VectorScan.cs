using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using PluginHost.Shared.Sqlite;
using SQLitePCL;

namespace PluginHost.Knowledge.Search;

/// <summary>Compares a vector with all of a model's vectors in some scopes, exactly and without keeping them in memory.</summary>
internal static class VectorScan
{
    /// <returns>The passages that are nearest, with their similarity, nearest first.</returns>
    public static IReadOnlyList<(long Id, double Score)> Find(SqliteConnection connection, string model, ScopeFilter scopes, float[] query, int count, CancellationToken cancellationToken)
    {
        using var command = connection.Prepare($"SELECT chunk, vector FROM vectors WHERE model = (SELECT id FROM models WHERE name = $1) AND scope IN ({scopes.Ids})", model);
        using var reader = command.ExecuteReader();
        var nearest = new PriorityQueue<long, float>(count + 1);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Without a copy: the bytes belong to SQLite until the next row.
            var vector = MemoryMarshal.Cast<byte, float>(raw.sqlite3_column_blob(reader.Handle!, 1));
            if (vector.Length != query.Length) continue;
            var similarity = TensorPrimitives.Dot(vector, query);
            if (nearest.Count < count) nearest.Enqueue(reader.GetInt64(0), similarity);
            else nearest.EnqueueDequeue(reader.GetInt64(0), similarity);
        }

        var found = new List<(long, double)>(nearest.Count);
        while (nearest.TryDequeue(out var id, out var similarity)) found.Add((id, similarity));
        found.Reverse();
        return found;
    }
}
