using PluginHost.Engine.Plugins.Activation;

namespace PluginHost.Tests.Plugins;

public sealed class SharedResourcesTests
{
    private readonly SharedResources _resources = new();

    private SharedResources.Lease Open() => _resources.Open(typeof(SharedResourcesTests).Assembly);

    [Fact]
    public async Task One_resource_is_shared_until_the_last_instance_is_gone()
    {
        var first = Open();
        var second = Open();
        var created = first.Get("file", () => new Resource());

        Assert.Same(created, second.Get<Resource>("file", () => throw new InvalidOperationException("There is one already.")));
        Assert.Same(created, first.Get<Resource>("file", () => throw new InvalidOperationException("There is one already.")));
        Assert.NotSame(created, first.Get("other", () => new Resource()));
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.False(created.IsDisposed);

        // As in a reload: the new instance comes before the old one goes.
        var third = Open();
        Assert.Same(created, third.Get("file", () => new Resource()));
        await second.DisposeAsync();
        Assert.False(created.IsDisposed);
        await third.DisposeAsync();
        Assert.True(created.IsDisposed);

        Assert.NotSame(created, Open().Get("file", () => new Resource()));
    }

    [Fact]
    public void What_create_throws_is_passed_on_and_nothing_is_kept()
    {
        var lease = Open();

        Assert.Throws<FormatException>(() => lease.Get<Resource>("file", () => throw new FormatException()));

        Assert.NotNull(lease.Get("file", () => new Resource()));
    }

    [Fact]
    public void A_key_that_is_shared_as_another_type_is_an_error_that_says_so()
    {
        var lease = Open();
        lease.Get("file", () => new Resource());

        var exception = Assert.Throws<InvalidOperationException>(() => lease.Get("file", () => "text"));

        Assert.Equal("'file' is already shared as Resource, not as String.", exception.Message);
    }

    [Fact]
    public async Task An_instance_that_is_gone_shares_nothing_any_more()
    {
        var lease = Open();
        await lease.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => lease.Get("file", () => new Resource()));
    }

    [Fact]
    public async Task A_new_resource_waits_until_the_one_before_is_closed()
    {
        var closing = new TaskCompletionSource();
        var first = Open();
        var old = first.Get("file", () => new Resource(closing.Task));
        var leaving = first.DisposeAsync().AsTask();

        var next = Task.Run(() => Open().Get("file", () =>
        {
            Assert.True(old.IsDisposed);
            return new Resource();
        }));
        closing.SetResult();
        await leaving;

        Assert.NotSame(old, await next);
    }

    [Fact]
    public async Task Instances_that_ask_at_once_get_one_resource()
    {
        var created = 0;

        var resources = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Open().Get("file", () =>
        {
            Interlocked.Increment(ref created);
            return new Resource();
        }))));

        Assert.Equal(1, created);
        Assert.Single(resources.Distinct());
    }

    private sealed class Resource(Task? closing = null) : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await (closing ?? Task.CompletedTask);
            IsDisposed = true;
        }
    }
}
