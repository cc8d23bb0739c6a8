using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.WebConsole.Tests;

/// <summary>A configuration with agents of several kinds, and a few runs of them.</summary>
internal static class SampleRuns
{
    public const string Configuration = """
        {
          "Agents": {
            "assistant": {
              "Instructions": "You are a helpful assistant.",
              "Chain": [
                { "Plugin": "sqlite-history", "Host": { "Window": 50 } },
                { "Plugin": "memory", "Host": { "Approve": [ "forget" ] } }
              ]
            },
            "typing": { "Model": { "Client": "echo", "DelayMilliseconds": 150 }, "Chain": [ { "Plugin": "sqlite-history" } ] },
            "hanging": { "Model": { "Client": "echo", "DelayMilliseconds": 60000 }, "Chain": [ { "Plugin": "sqlite-history" } ] },
            "faulty": {
              "Chain": [
                { "Plugin": "sqlite-history" },
                { "Plugin": "misbehaving-context", "Name": "lookup", "Options": { "Does": "Throws" }, "Host": { "OnError": "fail" } }
              ]
            }
          },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } },
          "Plugins": {
            "sqlite-history": { "Options": { "Path": "data/sessions.db" } },
            "sqlite-sessions": { "Options": { "Path": "data/sessions.db" } }
          },
          "PluginFolders": [ "plugins" ]
        }
        """;

    /// <summary>A folder to run a host in.</summary>
    public static WorkFolder CreateFolder()
    {
        var folder = WorkFolder.Create(Configuration);
        folder.InstallPlugin(BuildOutputs.MisbehavingFolder, "MisbehavingPlugin");
        return folder;
    }

    public static async Task FillAsync(ApiClient api)
    {
        await RunAsync(api, "assistant", "trip", "I go to Rome.");
        await RunAsync(api, "assistant", "trip", """call remember {"fact": "tea, not coffee"}""");
        await RunAsync(api, "assistant", "trip", "Two days:\n\n| day | what |\n|---|---|\n| 1 | the **Forum** |\n| 2 | a walk |\n\nBy train.");
        await RunAsync(api, "faulty", "orders", "Where is my order?", expected: HttpStatusCode.InternalServerError);
        await RunAsync(api, "assistant", "approvals", """call remember {"fact": "by train"}""");
        await RunAsync(api, "assistant", "approvals", """call forget {"id": 1}""");
    }

    /// <summary>Runs an agent; also one that fails.</summary>
    public static async Task<JsonNode> RunAsync(
        ApiClient api, string agent, string session, string input, bool background = false, JsonNode? options = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var body = new JsonObject { ["agent"] = agent, ["input"] = input, ["background"] = background, ["metadata"] = new JsonObject { ["user"] = "ada" } };
        if (options is not null) body["options"] = options;
        return await api.PostAsync($"/v1/sessions/{session}/runs", body, expected);
    }
}
