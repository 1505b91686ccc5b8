create table if not exists products (
    sku      text primary key,
    name     text   not null,
    category text   not null,
    price    bigint not null check (price between 0 and 100000000), -- cents
    stock    bigint not null check (stock >= 0)
);

create table if not exists orders (
    id        text primary key,
    customer  text        not null,
    placed_at timestamptz not null
);

create table if not exists order_items (
    order_id text   not null references orders,
    sku      text   not null references products,
    quantity bigint not null check (quantity > 0),
    amount   bigint not null, -- of the whole line, at the price of that day
    primary key (order_id, sku)
);

insert into products (sku, name, category, price, stock) values
    ('espresso', 'Espresso, 1 kg',       'coffee', 2400, 10000),
    ('filter',   'Filter roast, 1 kg',   'coffee', 2200, 10000),
    ('geisha',   'Panama Geisha, 250 g', 'coffee', 4800,     5),
    ('grinder',  'Hand grinder',         'gear',   8900,   100)
on conflict do nothing;
