using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace PluginHost.Tests.Outcomes;

/// <summary>Edits the journals of runs in the files of a store, and puts back what was there.</summary>
internal sealed class JournalDamage(OutcomeSetup setup, string store)
{
    private const string NewerStep = """{"kind":"dream"}""";
    private const string OfRun = " WHERE id >> 32 = (SELECT id FROM open_runs WHERE run = $1)";

    private readonly List<Action> _repairs = [];

    /// <summary>Undoes all damage. The host must not have changed what was damaged.</summary>
    public void Repair() => _repairs.ForEach(r => r());

    /// <summary>Adds a step of a kind that no version knows.</summary>
    public void AddNewerStep(string run)
    {
        if (store == "files")
        {
            var last = JsonNode.Parse(File.ReadLines(FileOf(run)).Last())!;
            var next = (int)last["first"]! + last["steps"]!.AsArray().Count;
            Edit(run, text => $$"""{{text}}{"v":1,"first":{{next}},"steps":[{{NewerStep}}]}{{"\n"}}""");
            return;
        }

        Execute("INSERT INTO steps (id, document) SELECT max(id) + 1, CAST($2 AS BLOB) FROM steps" + OfRun, run, NewerStep);
        _repairs.Add(() => Execute("DELETE FROM steps WHERE document = CAST($2 AS BLOB) AND $1 <> ''", run, NewerStep));
    }

    /// <summary>Cuts the last step in its middle.</summary>
    public void CutLastStep(string run)
    {
        if (store == "files")
        {
            Edit(run, text => string.Concat(text.AsSpan(0, text.Length - 6), "\n"));
            return;
        }

        var document = (byte[])Query("SELECT document FROM steps" + OfRun + " ORDER BY id DESC LIMIT 1", run)!;
        const string update = "UPDATE steps SET document = $2 WHERE id = (SELECT max(id) FROM steps" + OfRun + ")";
        Execute(update, run, document[..^4]);
        _repairs.Add(() => Execute(update, run, document));
    }

    /// <summary>Removes the first step.</summary>
    public void RemoveFirstStep(string run)
    {
        if (store == "files")
        {
            Edit(run, text => text.Replace("\"first\":0,\"steps\":[", "\"first\":1,\"steps\":[", StringComparison.Ordinal));
            return;
        }

        var id = Query("SELECT min(id) FROM steps" + OfRun, run)!;
        var document = Query("SELECT document FROM steps" + OfRun + " ORDER BY id LIMIT 1", run)!;
        Execute("DELETE FROM steps WHERE id = $2 AND $1 <> ''", run, id);
        _repairs.Add(() => Execute("INSERT INTO steps (id, document) VALUES ($2, $3)", run, id, document));
    }

    /// <summary>Leaves the beginning of a write behind, as a crash does.</summary>
    public void TearNextWrite(string run)
    {
        if (store == "files")
        {
            Edit(run, text => text + """{"v":1,"first":3,"steps":[{"kind":"ou""");
            return;
        }

        // The header of a frame of the write-ahead log, without its page.
        using var log = new FileStream(Path.Combine(setup.Data, "sessions.db-wal"), FileMode.Append);
        log.Write(new byte[100]);
    }

    /// <summary>Changes the state in the record of a run.</summary>
    public void SetState(string run, string state)
    {
        if (store == "files")
        {
            Edit(run, text => text.Replace("\"status\":\"running\"", $"\"status\":\"{state}\"", StringComparison.Ordinal)
                .Replace("\"status\":\"queued\"", $"\"status\":\"{state}\"", StringComparison.Ordinal));
            return;
        }

        var document = (byte[])Query("SELECT document FROM open_runs WHERE run = $1", run)!;
        var json = JsonNode.Parse(document)!;
        json["status"] = state;
        Execute("UPDATE open_runs SET document = CAST($2 AS BLOB) WHERE run = $1", run, json.ToJsonString());
        _repairs.Add(() => Execute("UPDATE open_runs SET document = $2 WHERE run = $1", run, document));
    }

    private string FileOf(string run) =>
        Directory.GetFiles(setup.Data, "*.open.jsonl", SearchOption.AllDirectories).Single(f => File.ReadAllText(f).Contains(run, StringComparison.Ordinal));

    private void Edit(string run, Func<string, string> change)
    {
        var file = FileOf(run);
        var before = File.ReadAllText(file);
        var damaged = change(before);
        Assert.NotEqual(before, damaged);
        File.WriteAllText(file, damaged);
        _repairs.Add(() =>
        {
            Assert.Equal(damaged, File.ReadAllText(file));
            File.WriteAllText(file, before);
        });
    }

    private void Execute(string sql, params object[] values)
    {
        using var connection = Open(sql, values, out var command);
        using (command) Assert.Equal(1, command.ExecuteNonQuery());
    }

    private object? Query(string sql, params object[] values)
    {
        using var connection = Open(sql, values, out var command);
        using (command) return command.ExecuteScalar();
    }

    private SqliteConnection Open(string sql, object[] values, out SqliteCommand command)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(setup.Data, "sessions.db")};Pooling=False");
        connection.Open();
        command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i]);
        return connection;
    }
}
