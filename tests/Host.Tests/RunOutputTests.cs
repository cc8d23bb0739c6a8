using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests;

public sealed class RunOutputTests
{
    [Fact]
    public async Task A_change_sees_updates_in_order_and_may_hold_text_back_until_the_end()
    {
        var delivered = new List<string>();
        var output = RunOutput.Create((update, _) =>
        {
            delivered.Add(update.Text);
            return default;
        });
        var changed = output.Through(Upper);

        await changed.WriteAsync(new(ChatRole.Assistant, "a"), default);
        await changed.WriteAsync(new(ChatRole.Assistant, "b"), default);
        Assert.Equal(["A", "B"], delivered);
        await changed.CompleteAsync(default);
        await changed.CompleteAsync(default);

        Assert.Equal(["A", "B", "end"], delivered);
        Assert.Equal(["a", "b"], changed.Updates.Select(u => u.Text));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await changed.WriteAsync(new(ChatRole.Assistant, "c"), default));

        static async IAsyncEnumerable<ChatResponseUpdate> Upper(IAsyncEnumerable<ChatResponseUpdate> stream)
        {
            await foreach (var update in stream) yield return new(update.Role, update.Text.ToUpperInvariant());
            yield return new(ChatRole.Assistant, "end");
        }
    }

    [Fact]
    public async Task An_update_that_is_changed_in_place_on_its_way_stays_as_it_was_for_those_behind()
    {
        var output = RunOutput.Create();
        var changed = output.Through(InPlace);
        var call = new FunctionCallContent("c1", "look", new Dictionary<string, object?> { ["at"] = "it" });

        await changed.WriteAsync(new(ChatRole.Assistant, [new TextContent("a"), call]), default);
        ((TextContent)output.Updates[0].Contents[0]).Text = "later";

        Assert.Equal("a", changed.Updates[0].Text);
        Assert.Equal("it", call.Arguments!["at"]);
        Assert.Equal("changed", output.Updates[0].Text);

        static async IAsyncEnumerable<ChatResponseUpdate> InPlace(IAsyncEnumerable<ChatResponseUpdate> stream)
        {
            await foreach (var update in stream)
            {
                ((TextContent)update.Contents[0]).Text = "changed";
                ((FunctionCallContent)update.Contents[1]).Arguments!["at"] = "that";
                yield return update;
            }
        }
    }

    [Fact]
    public async Task A_change_that_throws_throws_to_the_writer()
    {
        var changed = RunOutput.Create().Through(Throwing);

        var error = await Assert.ThrowsAsync<FormatException>(async () => await changed.WriteAsync(new(ChatRole.Assistant, "a"), default));
        Assert.Equal("no", error.Message);
        await Assert.ThrowsAsync<FormatException>(async () => await changed.CompleteAsync(default));

        static async IAsyncEnumerable<ChatResponseUpdate> Throwing(IAsyncEnumerable<ChatResponseUpdate> stream)
        {
            await foreach (var update in stream)
            {
                if (update.Text == "a") throw new FormatException("no");
                yield return update;
            }
        }
    }

    [Fact]
    public async Task A_change_that_ends_early_drops_the_rest()
    {
        var output = RunOutput.Create();
        var changed = output.Through(First);

        await changed.WriteAsync(new(ChatRole.Assistant, "a"), default);
        await changed.WriteAsync(new(ChatRole.Assistant, "b"), default);
        await changed.CompleteAsync(default);

        Assert.Equal(["a"], output.Updates.Select(u => u.Text));

        static async IAsyncEnumerable<ChatResponseUpdate> First(IAsyncEnumerable<ChatResponseUpdate> stream)
        {
            await foreach (var update in stream)
            {
                yield return update;
                yield break;
            }
        }
    }
}
