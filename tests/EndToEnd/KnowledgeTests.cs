using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>An index of documents in a process that is killed. <c>PLUGINHOST_TEST_KNOWLEDGE_DOCUMENTS</c> sets how many there are.</summary>
[Trait("Form", "Long")]
public sealed partial class KnowledgeTests
{
    private const string Configuration =
        """
        {
          "Agents": { "assistant": { "Chain": [ { "Plugin": "file-history", "Options": { "Path": "data/files" } },
            { "Plugin": "knowledge", "Options": { "Folders": ["documents"] } } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions", "Options": { "Path": "data/files" } } }
        }
        """;

    private static readonly int Documents = int.Parse(Environment.GetEnvironmentVariable("PLUGINHOST_TEST_KNOWLEDGE_DOCUMENTS") ?? "1500", CultureInfo.InvariantCulture);

    [Fact]
    public async Task An_index_continues_after_the_process_was_killed()
    {
        await using var model = await FakeModel.StartAsync(new ModelReply { Text = ["Yes."] });
        using var folder = WorkFolder.Create(Configuration);
        for (var i = 0; i < Documents; i++)
            folder.Write($"documents/{i % 50}/{i}.md", $"# Note {i}\n\n{string.Concat(Enumerable.Repeat($"The number{i} is written here. ", 100))}");
        await using (var first = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]))
        {
            await WaitAsync(folder, count => count >= Documents / 20);
            await first.KillAsync();
        }

        var before = Count(folder);
        Assert.InRange(before, Documents / 20, Documents - 1);
        await using var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]);
        await host.WaitForLogAsync(UpToDate());

        Assert.Equal(Documents, Count(folder));
        Assert.Equal(Documents - before, int.Parse(UpToDate().Match(host.Transcript).Groups[1].Value, CultureInfo.InvariantCulture));
        using var answer = await host.Api.Http.PostAsJsonAsync("/v1/runs", new { input = $"Where is number{Documents - 1}?" });
        answer.EnsureSuccessStatusCode();
        Assert.Contains($"The number{Documents - 1} is written here.", model.Requests[^1].Body.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task WaitAsync(WorkFolder folder, Func<long, bool> isEnough)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!isEnough(Count(folder)))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The number of documents in the index; 0 while there is none.</summary>
    private static long Count(WorkFolder folder)
    {
        var file = folder["data/plugins/knowledge/knowledge.db"];
        if (!File.Exists(file)) return 0;
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM documents";
        try
        {
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    [GeneratedRegex(@"The index of 'documents' is up to date: (\d+) documents indexed")]
    private static partial Regex UpToDate();
}
