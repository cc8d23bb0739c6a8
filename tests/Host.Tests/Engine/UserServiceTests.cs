using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Reading and deleting a user reaches every plugin that keeps data of users.</summary>
public sealed class UserServiceTests
{
    private static readonly UserKey Ada = new("default", "ada");

    [Fact]
    public async Task Every_plugin_is_asked_and_instances_that_share_their_data_are_one()
    {
        var shared = new Keeper("tea", "cake");
        await using var engine = new TestEngine(
        [
            (new AgentConfiguration("one"), ScriptedModel.Saying("ok"), [Plugin(shared, "notes"), Plugin(new Keeper("milk"), "other")]),
            (new AgentConfiguration("two"), ScriptedModel.Saying("ok"), [Plugin(new Keeper(shared), "notes")]),
        ]);

        var kept = await engine.Users.ReadAsync(Ada, default);
        var removed = await engine.Users.DeleteAsync(Ada, default);
        var again = await engine.Users.DeleteAsync(Ada, default);

        Assert.Equal(["notes tea,cake", "other milk"], kept.Select(k => $"{k.Plugin} {string.Join(',', k.Items)}"));
        Assert.Equal(["notes user-data 2", "other user-data 1"], removed.Select(r => $"{r.Plugin} {r.Kind} {r.Removed}"));
        Assert.All(again, r => Assert.Equal(0, r.Removed));
    }

    [Fact]
    public async Task A_plugin_that_fails_is_named_and_the_others_have_deleted_their_parts()
    {
        var (broken, good) = (new Keeper("tea") { Failure = new IOException("locked by /secret/path") }, new Keeper("milk"));
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(broken, "broken"), Plugin(good, "good")]);

        var read = await Refused(() => engine.Users.ReadAsync(Ada, default));
        var deleted = await Refused(() => engine.Users.DeleteAsync(Ada, default));
        broken.Failure = null;
        var again = await engine.Users.DeleteAsync(Ada, default);

        Assert.Equal((500, "internal-error"), (read.Status, read.Type.Slug));
        Assert.Equal((500, "delete-incomplete"), (deleted.Status, deleted.Type.Slug));
        Assert.Equal("broken", Assert.Single(deleted.Errors).Path);
        Assert.Contains("Removed: 1 from good.", deleted.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", deleted.Message + deleted.Errors[0].Message, StringComparison.Ordinal);
        Assert.Equal(["broken 1", "good 0"], again.Select(r => $"{r.Plugin} {r.Removed}"));
    }

    [Fact]
    public async Task A_plugin_that_names_its_trouble_makes_the_deletion_a_503_with_the_cause()
    {
        var full = new Keeper("tea") { Failure = new StorageException("The disk is full.") };
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(full, "full")]);

        var deleted = await Refused(() => engine.Users.DeleteAsync(Ada, default));

        Assert.Equal((503, "storage-unavailable", 1), (deleted.Status, deleted.Type.Slug, deleted.RetryAfterSeconds));
        Assert.Contains("Nothing was removed. The disk is full. Delete it again.", deleted.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default", "ada", true)]
    [InlineData("default", "bob", false)]
    [InlineData("other", "ada", false)]
    public async Task A_deletion_cancels_the_runs_of_the_user_and_waits_for_them(string tenant, string user, bool isCancelled)
    {
        var hanging = new Hanging();
        var keeper = new Keeper();
        await using var engine = new TestEngine(new ScriptedModel(call => WaitAsync(hanging, call.Cancellation)), [Plugin(keeper, "notes")]);
        var run = await engine.Engine.StartAsync(Command("s", "hi") with { Tenant = tenant, Metadata = new Dictionary<string, string> { ["user_id"] = user } }, default);
        await hanging.Entered;

        await engine.Users.DeleteAsync(Ada, default);

        Assert.Equal(isCancelled, run.Completion.IsCompleted);
        run.Cancel();
        Assert.Equal(RunStatus.Cancelled, (await run.Completion).Status);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("\u0085")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(513)]
    public async Task A_name_that_is_not_valid_starts_no_run(object name)
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, []);
        var user = name as string ?? new string('x', (int)name);

        foreach (var command in new[] { Command("s", "hi") with { User = user }, Command("s", "hi") with { Metadata = new Dictionary<string, string> { ["user"] = user } } })
        {
            var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(command));
            Assert.Equal(("user", "1 to 512 characters, no control characters (not . or ..)"), (refused.Errors[0].Path, refused.Errors[0].Allowed));
        }

        Assert.Equal(RunStatus.Completed, (await engine.RunAsync(Command("s", "hi") with { User = "" })).Status);
    }

    private static Task<ProblemException> Refused<T>(Func<ValueTask<T>> call) => Assert.ThrowsAsync<ProblemException>(async () => await call());

    private static async IAsyncEnumerable<Microsoft.Extensions.AI.ChatResponseUpdate> WaitAsync(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(Microsoft.Extensions.AI.ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }

    private sealed class Keeper(List<JsonElement> items) : IContextProvider, IUserData
    {
        public Keeper(params string[] items)
            : this(items.Select(i => JsonSerializer.SerializeToElement(i)).ToList())
        {
        }

        public Keeper(Keeper other)
            : this(other.Items)
        {
        }

        public List<JsonElement> Items { get; } = items;

        public Exception? Failure { get; set; }

        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);

        public ValueTask<IReadOnlyList<JsonElement>> ReadUserDataAsync(UserKey user, CancellationToken cancellationToken) =>
            Failure is null ? new(user == Ada ? [.. Items] : []) : throw Failure;

        public ValueTask<int> DeleteUserDataAsync(UserKey user, CancellationToken cancellationToken)
        {
            if (Failure is not null) throw Failure;
            var count = Items.Count;
            Items.Clear();
            return new(count);
        }
    }
}
