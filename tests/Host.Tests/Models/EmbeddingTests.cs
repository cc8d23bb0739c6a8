using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Models;

/// <summary>The generator of embeddings that a chat client gives as a service.</summary>
public sealed class EmbeddingTests
{
    [Theory]
    [InlineData("[[1,2],[0.5,-4e-3]]")]
    [InlineData("""["AACAPwAAAEA=","AAAAP28Sg7s="]""")]
    public async Task Embeddings_come_in_the_order_of_the_texts_as_numbers_or_base64(string values)
    {
        var list = JsonNode.Parse(values)!.AsArray();
        await using var server = await FakeModel.StartAsync(new ModelReply { Body = $$$"""{"model":"e-2","data":[{"index":1,"embedding":{{{list[1]!.ToJsonString()}}}},{"index":0,"embedding":{{{list[0]!.ToJsonString()}}}}],"usage":{"prompt_tokens":4,"total_tokens":4}}""" });
        using var connection = new Connection(server);
        var generator = connection.Client.GetService<IEmbeddingGenerator<string, Embedding<float>>>()!;

        var made = await generator.GenerateAsync(["a", "b"], new EmbeddingGenerationOptions { Dimensions = 2 });

        Assert.Equal([1f, 2f], made[0].Vector.ToArray());
        Assert.Equal([0.5f, -0.004f], made[1].Vector.ToArray());
        Assert.Equal((4, "e-2"), (made.Usage?.InputTokenCount, made[0].ModelId));
        var sent = Assert.Single(server.Requests);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"model":"gpt-4.1-mini","input":["a","b"],"dimensions":2}"""), sent.Body), sent.Body.ToJsonString());
        Assert.Equal("/v1/embeddings", sent.Path);
        Assert.Equal("gpt-4.1-mini", generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId);
    }

    [Theory]
    [InlineData(200, """{"data":[]}""", ModelFailure.Failed)]
    [InlineData(200, """{"data":[{"index":7,"embedding":[1]}]}""", ModelFailure.Failed)]
    [InlineData(200, """{"data":[{"embedding":"a"}]}""", ModelFailure.Failed)]
    [InlineData(200, """{"data":[{"embedding":["a"]}]}""", ModelFailure.Failed)]
    [InlineData(200, """{"data":[7]}""", ModelFailure.Failed)]
    [InlineData(200, """{"error":"broken"}""", ModelFailure.Failed)]
    [InlineData(200, "[", ModelFailure.Failed)]
    [InlineData(401, "{}", ModelFailure.Unauthorized)]
    public async Task A_wrong_answer_is_a_failure_of_the_model(int status, string body, ModelFailure kind)
    {
        await using var server = await FakeModel.StartAsync(new ModelReply { Status = status, Body = body });
        using var connection = new Connection(server);

        var failure = await Assert.ThrowsAsync<ModelException>(() => connection.Client.GetService<IEmbeddingGenerator<string, Embedding<float>>>()!.GenerateAsync(["a"]));

        Assert.Equal(kind, failure.Failure);
    }
}
