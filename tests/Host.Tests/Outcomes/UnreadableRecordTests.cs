using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace PluginHost.Tests.Outcomes;

/// <summary>A record that cannot be read harms its own session only, and can be deleted.</summary>
public sealed class UnreadableRecordTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_unreadable_session_fails_no_list_and_no_retention_and_can_be_deleted(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true, Time = new PastTime(), Sessions = """ "Retention": { "IdleFor": "1h", "Every": "1h" } """ };
        await using (var first = await OutcomeHost.StartAsync(setup))
        {
            foreach (var id in new[] { "a", "b", "c" })
            {
                var body = new JsonObject { ["id"] = id, ["metadata"] = new JsonObject { ["k"] = "v" } };
                (await first.PostAsync("/v1/sessions", body)).Run("id", 201);
            }
        }

        Damage(setup, store, "b");
        await using var host = await OutcomeHost.StartAsync(setup, time: TimeProvider.System);

        Assert.Equal(["a", "c"], await ListAsync(host));
        (await host.GetAsync("/v1/sessions/b")).IsProblem(503, "storage-unavailable");
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Delete, "/v1/sessions/b")).Status);
        (await host.GetAsync("/v1/sessions/b")).IsProblem(404, "session-not-found");
        Damage(setup, store, "a");
        Assert.Equal(["c"], await ListAsync(host));
        await host.PassRetentionAsync();
        Assert.Empty(await ListAsync(host));
    }

    private static async Task<List<string?>> ListAsync(OutcomeHost host) =>
        [.. (await host.GetAsync("/v1/sessions")).Json.GetProperty("data").EnumerateArray().Select(s => s.GetProperty("id").GetString())];

    private static void Damage(OutcomeSetup setup, string store, string session)
    {
        if (store == "files")
        {
            File.WriteAllText(Directory.GetFiles(Path.Combine(setup.Data, "sessions"), $"{session}-*.json").Single(), "{");
            return;
        }

        using var connection = new SqliteConnection($"Data Source={Path.Combine(setup.Data, "sessions.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE session_parts SET json = '{' WHERE session = (SELECT id FROM sessions WHERE session = $1)";
        command.Parameters.AddWithValue("$1", session);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    /// <summary>The time three hours ago.</summary>
    private sealed class PastTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - TimeSpan.FromHours(3);
    }
}
