using System.Text;
using System.Text.Json.Nodes;

namespace PluginHost.Tests.Outcomes;

/// <summary>What callers delete through the API is in no file of the data folder, while other sessions are written.</summary>
public sealed class ErasureTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task No_file_holds_a_byte_of_a_session_an_item_or_a_response_that_was_deleted(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => WriteAsync(host, stop.Token));
        try
        {
            for (var i = 0; i < 8; i++)
            {
                await DeleteAsync(setup, host, $"erased-session-{i}-", CreateSessionAsync);
                await DeleteAsync(setup, host, $"erased-item-{i}-", CreateItemAsync);
                await DeleteAsync(setup, host, $"erased-response-{i}-", CreateResponseAsync);
            }
        }
        finally
        {
            await stop.CancelAsync();
            Assert.NotEqual(0, await writer);
        }

        Assert.True(IsStored(setup, "kept-before"));
        Assert.True(IsStored(setup, "kept-after"));
    }

    /// <summary>Creates something with a text, deletes it, and searches the files for the text before and after.</summary>
    private static async Task DeleteAsync(OutcomeSetup setup, OutcomeHost host, string text, Func<OutcomeHost, string, Task<string>> create)
    {
        var path = await create(host, text);
        Assert.True(IsStored(setup, text), $"{text} was not stored.");
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.False(IsStored(setup, text), $"A file still holds {text}.");
    }

    private static async Task<string> CreateSessionAsync(OutcomeHost host, string text)
    {
        for (var i = 0; i < 3; i++) (await host.RunAsync($"{text}id", text, key: $"{text}{i}")).Run("id");
        return $"/v1/sessions/{text}id";
    }

    /// <summary>An item between others, which stay.</summary>
    private static async Task<string> CreateItemAsync(OutcomeHost host, string text)
    {
        var path = $"/v1/conversations/{(await host.PostAsync("/v1/conversations", new JsonObject())).Run("id")}/items";
        var items = new JsonArray([.. new[] { "kept-before", text, "kept-after" }.Select(t => new JsonObject { ["role"] = "user", ["content"] = t })]);
        var added = await host.PostAsync(path, new JsonObject { ["items"] = items });
        return $"{path}/{added.Json.GetProperty("data")[1].GetProperty("id").GetString()}";
    }

    private static async Task<string> CreateResponseAsync(OutcomeHost host, string text)
    {
        var body = new JsonObject { ["model"] = "assistant", ["input"] = text };
        return $"/v1/responses/{(await host.PostAsync("/v1/responses", body)).Run("id")}";
    }

    /// <returns>The number of runs.</returns>
    private static async Task<int> WriteAsync(OutcomeHost host, CancellationToken stop)
    {
        for (var i = 0; ; i++)
        {
            (await host.RunAsync($"kept-{i % 20}", "kept-text")).Run("id");
            if (stop.IsCancellationRequested) return i + 1;
        }
    }

    /// <summary>Whether a file of the data folder, or its name, contains the text.</summary>
    private static bool IsStored(OutcomeSetup setup, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new DirectoryInfo(setup.Data).EnumerateFiles("*", SearchOption.AllDirectories)
            .Any(f => f.Name.Contains(text, StringComparison.Ordinal) || Read(f).AsSpan().IndexOf(bytes) >= 0);
    }

    private static byte[] Read(FileInfo info)
    {
        try
        {
            // A lock file is empty and cannot be read while it is locked.
            if (info.Length == 0) return [];
            using var file = info.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            file.CopyTo(copy);
            return copy.ToArray();
        }
        catch (FileNotFoundException)
        {
            // Writes during the search replace files.
            return [];
        }
    }
}
