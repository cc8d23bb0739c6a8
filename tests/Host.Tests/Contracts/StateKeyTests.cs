using PluginHost.Sdk;

namespace PluginHost.Tests.Contracts;

public sealed class StateKeyTests
{
    [Fact]
    public void A_number_is_counted_without_a_serializer_context()
    {
        var (state, count) = (new SessionState(), new StateKey<int>("count"));

        state.Update(count, old => old + 1);
        state.Update(count, old => old + 1);

        Assert.True(state.TryGet(count, out var value));
        Assert.Equal(2, value);
        Assert.Equal("{\"count\":2}", state.ToJson().GetRawText());
    }

    [Fact]
    public void Simple_types_need_no_metadata_and_others_are_refused_without()
    {
        var state = new SessionState();
        state.Set(new StateKey<List<string>>("topics"), ["one", "two"]);
        state.Set(new StateKey<TimeSpan>("since"), TimeSpan.FromMinutes(1));

        Assert.Equal("""{"topics":["one","two"],"since":"00:01:00"}""", state.ToJson().GetRawText());
        Assert.Contains("needs its JSON metadata", Assert.Throws<ArgumentException>(() => new StateKey<Version>("v")).Message, StringComparison.Ordinal);
    }
}
